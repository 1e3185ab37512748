"""One drawing for every view-model of kiosk.screens: the whole table, which takes a moment to load."""

from __future__ import annotations

from kiosk import screens as views
from ui.screens import Drawing
from ui.screens.arrival import hello, take_books_off
from ui.screens.asking import choose, offer, still_there
from ui.screens.farewell import goodbye, take_your_things
from ui.screens.lending import book_info, lent, renewed, returned, undone
from ui.screens.muddle import one_by_one, one_card, unknown_book, unknown_card
from ui.screens.my_books import my_books
from ui.screens.my_way import my_way
from ui.screens.once_more import other_label, put_back
from ui.screens.passport import my_passport
from ui.screens.pick_animal import pick_animal
from ui.screens.pick_class import pick_class
from ui.screens.pick_language import pick_language
from ui.screens.rate import rate
from ui.screens.refused import refused
from ui.screens.resting import ask_help, disk_full, out_of_order, reader_out
from ui.screens.similar import similar
from ui.screens.staff_health import staff_health
from ui.screens.staff_pin import staff_pin
from ui.screens.welcome import welcome

DRAWINGS: dict[type, Drawing] = {
    views.Welcome: welcome,
    views.TakeBooksOff: take_books_off,
    views.Hello: hello,
    views.Lent: lent,
    views.Undone: undone,
    views.Choose: choose,
    views.Renewed: renewed,
    views.Returned: returned,
    views.Offer: offer,
    views.BookInfo: book_info,
    views.Refused: refused,
    views.OneByOne: one_by_one,
    views.OneCard: one_card,
    views.UnknownCard: unknown_card,
    views.UnknownBook: unknown_book,
    views.OtherLabel: other_label,
    views.PutBack: put_back,
    views.StillThere: still_there,
    views.Goodbye: goodbye,
    views.TakeYourThings: take_your_things,
    views.AskHelp: ask_help,
    views.ReaderOut: reader_out,
    views.DiskFull: disk_full,
    views.OutOfOrder: out_of_order,
    views.StaffPin: staff_pin,
    views.StaffHealth: staff_health,
    views.PickLanguage: pick_language,
    views.PickClass: pick_class,
    views.PickAnimal: pick_animal,
    views.MyBooks: my_books,
    views.MyPassport: my_passport,
    views.MyWay: my_way,
    views.Rate: rate,
    views.Similar: similar,
}
