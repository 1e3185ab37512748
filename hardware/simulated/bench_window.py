"""The bench's window: the mouse carries cards and books onto the pad and children through the door."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Ellipse, Rectangle
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.textinput import TextInput

from hardware.simulated.bench_client import Bench
from hardware.simulated.bench_door import Doorway, ReaderKeys
from hardware.simulated.bench_library import Thing
from hardware.simulated.bench_look import EDGE, FONT, GREEN, INK, PAPER, QUIET, RED, TABLE, Panel, words
from hardware.simulated.bench_pad import PadView
from hardware.simulated.bench_thing import ThingView
from hardware.simulated.bench_tray import Tray
from hardware.simulated.bench_wire import BenchWire, Command, WireState
from hardware.simulated.bench_words import WORDS

GREEN_PIN, YELLOW_PIN = 5, 6  # the station's default lamp pins
CLICK_PX = 8
"""A touch that moved less is a click: it moves the thing to the pad or back."""


class BenchFloor(FloatLayout):
    """Everything on the bench, and the hand that carries things across it."""

    def __init__(self, things: tuple[Thing, ...], say: dict[str, str], wire: BenchWire, **more: Any) -> None:
        super().__init__(**more)
        self._say = say
        self._wire = wire
        self._by_uid = {thing.uid: thing for thing in things}
        self._asked: dict[str, int] = {}  # uid -> number of the newest command about it
        self.state = WireState()
        self._carried: ThingView | None = None
        with self.canvas.before:
            Color(*TABLE)
            self._table = Rectangle()
        self.pad = PadView(say, self.lift_all, size_hint=(1, 1))
        self.door = Doorway(say, lambda way: self._do(lambda bench: bench.cross(way)))
        self.reader = ReaderKeys(say, lambda state: self._do(lambda bench: bench.reader(state)))
        cards = [self._view(thing) for thing in things if thing.is_card]
        books = [self._view(thing) for thing in things if not thing.is_card]
        self.cards = Tray(say["cards"], cards, size_hint=(1, None), height=196)
        self.books = Tray(say["books"], books)
        self.status = words("", 12, color=QUIET)
        self._traffic = words("", 12, color=QUIET, halign="right", size_hint=(None, 1), width=190)
        self.add_widget(self._lay_out())
        self.bind(pos=self._cover, size=self._cover)
        self.show(self.state)

    # --- what the wires say ----------------------------------------------------------------------

    def show(self, state: WireState) -> None:
        """Draw what the wires were last seen to be."""
        self.state = state
        for uid in [uid for uid, number in self._asked.items() if number <= state.done]:
            del self._asked[uid]
        if state.connected:
            self._agree(state)
        self.pad.working(state.connected and state.reader in {"ok", "brownout"})
        self.pad.lamps(green=bool(state.level(GREEN_PIN)), yellow=bool(state.level(YELLOW_PIN)))
        self.reader.show(state.reader if state.connected else "")
        self._light.rgba = GREEN if state.connected else RED
        self.wires.text = self._say["connected" if state.connected else "gone"]
        self.wires.color = QUIET if state.connected else RED
        names = ", ".join(view.thing.name for view in self.pad.lying)
        text = self._say["on_pad"].format(things=names) if names else self._say["nothing"]
        if state.error:
            text = self._say["failed"].format(error=state.error)
        self.status.text = text
        self._traffic.text = self._say["traffic"].format(
            transactions=round(state.transactions_per_s), kilobytes=round(state.bytes_per_s / 1000, 1)
        )

    def _agree(self, state: WireState) -> None:
        # The wires are right, except about things whose command is still on its way to them.
        there = set(state.tags)
        for view in self.pad.lying:
            if view.thing.uid not in there and view.thing.uid not in self._asked:
                self._take(view)
        for uid in state.tags:
            if uid not in self._asked and self.pad.view(uid) is None:
                self._lay_down(self._by_uid.get(uid) or Thing.stranger(uid))

    # --- the hand ----------------------------------------------------------------------------------

    def on_touch_down(self, touch: Any) -> bool:
        """Pick a thing up, or let a key have the touch."""
        if getattr(touch, "is_mouse_scrolling", False) or self._carried is not None:
            return bool(super().on_touch_down(touch))
        x, y = touch.pos
        view = self.pad.under(x, y)
        if view is None:
            view = self.cards.under(x, y) or self.books.under(x, y)
        if view is None:
            return bool(super().on_touch_down(touch))
        touch.grab(self)
        touch.ud["home"] = view
        left, low = view.to_window(view.x, view.y)
        self._carried = self._view(view.thing)
        self._carried.pos = (left, low + 4)
        touch.ud["grip"] = (x - left, y - low)
        view.away = True
        self.add_widget(self._carried)
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """Carry it along."""
        if touch.grab_current is not self or self._carried is None:
            return bool(super().on_touch_move(touch))
        grip = touch.ud["grip"]
        self._carried.pos = (touch.x - grip[0], touch.y - grip[1] + 4)
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """Lay it down: on the pad, or anywhere else, which means off the pad."""
        if touch.grab_current is not self or self._carried is None:
            return bool(super().on_touch_up(touch))
        touch.ungrab(self)
        self.remove_widget(self._carried)
        carried, home = self._carried, touch.ud["home"]
        self._carried = None
        lay = self.pad.view(carried.thing.uid) is home
        clicked = abs(touch.x - touch.ox) < CLICK_PX and abs(touch.y - touch.oy) < CLICK_PX
        onto = not lay if clicked else self.pad.collide_point(*touch.pos)
        home.away = not lay and onto
        if not self.state.connected:
            home.away = False
        elif onto and lay:
            self.pad.take(carried.thing.uid)
            self.pad.put(home, carried.center)
        elif onto:
            self._lay_down(carried.thing, None if clicked else carried.center)
            self._tell(carried.thing.uid, partial(_place, thing=carried.thing))
        elif lay:
            self._take(home)
            self._tell(carried.thing.uid, partial(_lift, uid=carried.thing.uid))
        self.show(self.state)
        return True

    def find(self, text: str) -> None:
        """Show only the cards and books whose words contain `text`."""
        self.cards.find(text)
        self.books.find(text)

    def lift_all(self) -> None:
        """Nothing lies on the pad any more."""
        for view in self.pad.lying:
            self._take(view)
            self._tell(view.thing.uid, partial(_lift, uid=view.thing.uid))
        self.show(self.state)

    def _do(self, command: Command) -> None:
        if self.state.connected:
            self._wire.do(command)

    def _tell(self, uid: str, command: Command) -> None:
        self._asked[uid] = self._wire.do(command)

    def _lay_down(self, thing: Thing, at: tuple[float, float] | None = None) -> None:
        view = self._view(thing)
        self.pad.put(view, at)
        home = self.cards.view(thing.uid) or self.books.view(thing.uid)
        if home is not None:
            home.away = True

    def _take(self, view: ThingView) -> None:
        self.pad.take(view.thing.uid)
        home = self.cards.view(view.thing.uid) or self.books.view(view.thing.uid)
        if home is not None:
            home.away = False

    def _view(self, thing: Thing) -> ThingView:
        return ThingView(thing, self._say.get(thing.note, thing.note))

    # --- where everything lies -----------------------------------------------------------------------

    def _lay_out(self) -> BoxLayout:
        page = BoxLayout(orientation="vertical", padding=10, spacing=9)
        page.add_widget(self._header())
        middle = BoxLayout(size_hint=(1, None), height=266, spacing=10)
        middle.add_widget(self.pad)
        side = BoxLayout(orientation="vertical", size_hint=(None, 1), width=206, spacing=10)
        side.add_widget(self.door)
        self.reader.size_hint = (1, None)
        self.reader.height = 116
        side.add_widget(self.reader)
        middle.add_widget(side)
        page.add_widget(middle)
        page.add_widget(self.cards)
        page.add_widget(self.books)
        foot = Panel(size_hint=(1, None), height=30, padding=(12, 2), radius=8)
        foot.add_widget(self.status)
        foot.add_widget(self._traffic)
        page.add_widget(foot)
        return page

    def _header(self) -> BoxLayout:
        head = BoxLayout(size_hint=(1, None), height=34, spacing=10)
        head.add_widget(words(self._say["title"], 19, bold=True, size_hint=(None, 1), width=178))
        lamp = FloatLayout(size_hint=(None, 1), width=12)
        with lamp.canvas:
            self._light = Color(*RED)
            dot = Ellipse(size=(12, 12))
        lamp.bind(pos=lambda it, _: setattr(dot, "pos", (it.x, it.center_y - 6)))
        head.add_widget(lamp)
        self.wires = words("", 12, color=QUIET)
        head.add_widget(self.wires)
        search = TextInput(
            hint_text=self._say["find"],
            multiline=False,
            write_tab=False,
            font_name=FONT,
            font_size=13,
            size_hint=(None, 1),
            width=206,
            padding=(10, 8),
            background_normal="",
            background_active="",
            background_color=PAPER,
            foreground_color=INK,
            hint_text_color=EDGE,
            cursor_color=INK,
        )
        search.bind(text=lambda _, text: self.find(text))
        self.search = search
        head.add_widget(search)
        return head

    def _cover(self, *_: Any) -> None:
        self._table.pos, self._table.size = self.pos, self.size


class BenchApp(App):
    """The bench as a program of its own. It ends when its window is closed."""

    def __init__(self, socket: Path, things: tuple[Thing, ...], language: str) -> None:
        super().__init__()
        say = WORDS[language]
        self.title = say["title"]
        self.wire = BenchWire(lambda: Bench(socket), self._shown)
        self.floor = BenchFloor(things, say, self.wire)

    def build(self) -> BenchFloor:
        """The one page."""
        Window.clearcolor = TABLE
        return self.floor

    def on_start(self) -> None:
        """The window stands: find the wires."""
        self.wire.start()

    def on_stop(self) -> None:
        """The window was closed."""
        self.wire.stop()

    def _shown(self, state: WireState) -> None:
        Clock.schedule_once(lambda _: self.floor.show(state))


def _place(bench: Bench, *, thing: Thing) -> None:
    bench.place(thing.uid, thing.tag)


def _lift(bench: Bench, *, uid: str) -> None:
    bench.lift(uid)
