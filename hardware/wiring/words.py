"""The words of the pictures, Vietnamese and English. What is printed on the boards stays as it is."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["vi", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("vi", "en")

_WORDS: Final = {
    "pin": ("chân", "pin"),
    "row.inner": ("hàng trong", "inner row"),
    "row.edge": ("sát mép", "board edge"),
    "optional": ("không bắt buộc", "optional"),
    # boxes and terminals
    "beam.outer": ("Tia phía ngoài", "Outer beam"),
    "beam.inner": ("Tia phía trong", "Inner beam"),
    "signal": ("tín hiệu", "signal"),
    "led.green": ("LED xanh", "Green LED"),
    "led.yellow": ("LED vàng", "Yellow LED"),
    "led.rgb": ("LED ba màu", "RGB LED"),
    "leg.long": ("chân dài", "long leg"),
    "leg.short": ("chân ngắn", "short leg"),
    "leg.common": ("chân chung", "common leg"),
    "leg.one": ("một chân", "one leg"),
    "leg.other": ("chân kia", "other leg"),
    "red": ("đỏ", "red"),
    "green": ("xanh lá", "green"),
    "blue": ("xanh dương", "blue"),
    "buzzer": ("Còi", "Buzzer"),
    "button.help": ("Nút nhờ giúp", "Help button"),
    "button.louder": ("Nút to hơn", "Louder button"),
    "button.quieter": ("Nút nhỏ hơn", "Quieter button"),
    "panel": ("Màn hình", "Panel"),
    "cable.red": ("dây đỏ", "red wire"),
    "cable.black": ("dây đen", "black wire"),
    "resistor": ("Điện trở", "Resistor"),
    "end.one": ("một đầu", "one end"),
    "end.other": ("đầu kia", "other end"),
    # titles
    "title.rc522": ("Đầu đọc RC522", "RC522 reader"),
    "title.rc522-second": ("Đầu đọc RC522 thứ hai", "Second RC522 reader"),
    "title.beams": ("Hai tia ở cửa", "Two beams at the door"),
    "title.tof": ("Cảm biến khoảng cách VL53L1X", "VL53L1X distance sensor"),
    "title.pir": ("Cảm biến chuyển động (PIR)", "Motion sensor (PIR)"),
    "title.lamp": ("Đèn xanh và đèn vàng", "Green and yellow lamp"),
    "title.rgb": ("Đèn ba màu", "RGB lamp"),
    "title.buzzer": ("Còi", "Buzzer"),
    "title.buttons": ("Ba nút bấm", "Three buttons"),
    "title.clock": ("Đồng hồ DS3231", "DS3231 clock chip"),
    "title.panel": ("Điện cho màn hình Touch Display", "Power for a Touch Display"),
    "title.pn532": ("Đầu đọc PN532 qua UART", "PN532 reader on the UART"),
    "title.rdm6300": ("Đầu đọc RDM6300 qua UART", "RDM6300 reader on the UART"),
    "title.usb": ("Đầu đọc và máy quét qua USB", "Readers and scanner on USB"),
    "title.all": ("Tất cả các chân", "All pins"),
    # notes
    "note.rc522": (
        "Chỉ 3,3 V: 5 V làm hỏng mạch. Dây dài nhất 20 cm. RST nối 3,3 V, hoặc nối GPIO25 và đặt "
        "reset_pin = 25. IRQ để trống, hoặc nối GPIO24 và đặt irq_pin = 24.",
        "3.3 V only: 5 V destroys it. Wires of 20 cm at most. RST goes to 3.3 V, or to GPIO25 with "
        "reset_pin = 25. IRQ stays free, or goes to GPIO24 with irq_pin = 24.",
    ),
    "note.rc522-second": (
        "SCK, MOSI, MISO và 3,3 V dùng chung với đầu đọc thứ nhất (mỗi chân hai dây: dùng đầu nối chia "
        "hai). Chỉ SDA là khác: CE1.",
        "SCK, MOSI, MISO and 3.3 V are shared with the first reader (two wires at one pin: use a Y "
        "cable). Only SDA is its own: CE1.",
    ),
    "note.beams": (
        "Đầu ra cực thu hở (open collector). Bộ tia lấy điện từ nguồn riêng; cực âm của nguồn nối "
        "chung với GND. Tuyệt đối không đưa điện của nguồn đó vào chân tín hiệu.",
        "Open-collector outputs. The beams have a supply of their own; its minus joins GND. Its "
        "voltage must never reach the signal pins.",
    ),
    "note.tof": (
        "Gắn trên khung cửa, nhìn thẳng xuống. Dùng thay cho hai tia. XSHUT và GPIO1 để trống.",
        "Above the door, looking straight down. Takes the place of the two beams. XSHUT and GPIO1 stay free.",
    ),
    "note.pir": (
        "Chỉ để đánh thức màn hình, không đếm người. Điện áp ra của OUT phải là 3,3 V: đo trước khi "
        "nối. GPIO25 phải trống (RST của đầu đọc nối 3,3 V).",
        "Wakes the panel only, never counts. OUT must give 3.3 V: measure before you connect it. "
        "GPIO25 must be free (the reader's RST at 3.3 V).",
    ),
    "note.lamp": (
        "Mỗi đèn một điện trở 330 Ω, nối vào chân dài.",
        "Each LED has a 330 Ω resistor of its own, at the long leg.",
    ),
    "note.rgb": (
        "Dùng thay cho đèn xanh và đèn vàng. Chân chung (dài nhất) nối GND; đèn loại anốt chung thì "
        "nối chân 17 (3,3 V) và đặt common_anode = true.",
        "Takes the place of the green and yellow lamp. The common (longest) leg goes to GND; a "
        "common-anode LED to pin 17 (3.3 V), with common_anode = true.",
    ),
    "note.buzzer": (
        "Còi gốm áp điện nối thẳng được. Còi cần hơn 10 mA thì phải qua tranzito.",
        "A piezo buzzer can be connected directly. One that needs more than 10 mA needs a transistor.",
    ),
    "note.buttons": (
        "Nút thường hở, nối chân GPIO với GND khi bấm. Không cần điện trở. Nút nào không dùng thì bỏ.",
        "Normally open buttons that join the GPIO pin to GND when pressed. No resistors. Leave out "
        "what you do not want.",
    ),
    "note.clock": (
        "Giữ giờ khi mất điện và mất mạng. Pi 5 có sẵn đồng hồ: chỉ cần lắp pin của nó. Cấp 3,3 V, "
        "không phải 5 V.",
        "Keeps the time without power and network. A Pi 5 has a clock: it only needs its cell. 3.3 V, "
        "not 5 V.",
    ),
    "note.panel": (
        "Touch Display 7 inch và Touch Display 2 lấy điện ở đây; hình và cảm ứng đi qua cáp DSI. Màn "
        "hình HDMI không dùng chân nào.",
        "Touch Display (7 inch) and Touch Display 2 take their power here; picture and touch come "
        "through the DSI cable. An HDMI panel takes no pin.",
    ),
    "note.pn532": (
        "Gạt hai công tắc trên mạch về HSU. Cấp 3,3 V để tín hiệu cũng là 3,3 V. Dễ hơn: qua bộ chuyển "
        "USB. Không dùng cùng lúc với RDM6300 trên UART.",
        "Set the switches on the board to HSU. Fed with 3.3 V, so that its signals have 3.3 V too. "
        "Easier: through a USB adapter. Not together with an RDM6300 on the UART.",
    ),
    "note.rdm6300": (
        "Mạch này chạy 5 V: TX phải qua 1 kΩ, và 2 kΩ từ chân 10 xuống GND, thì chân 10 mới chỉ nhận "
        "3,3 V. Dễ hơn: qua bộ chuyển USB.",
        "It runs on 5 V: TX goes through 1 kΩ, and 2 kΩ go from pin 10 to GND, so that pin 10 gets 3.3 "
        "V. Easier: through a USB adapter.",
    ),
    "note.usb": (
        "Cách nên dùng cho mọi đầu đọc nối tiếp: không phải chỉnh điện áp, không tốn chân. Lệnh kiosk "
        "devices cho biết tên cổng (/dev/serial/by-id/...) để ghi vào cài đặt.",
        "The better way for every serial reader: no voltages to adapt, no pins taken. The command "
        "kiosk devices shows the name of the port (/dev/serial/by-id/...) for the settings.",
    ),
    "note.all": (
        "Chân có nhiều dây: dùng đầu nối chia hai hoặc bảng cắm. Không dùng cùng lúc: C với D, F với "
        "G, M với N.",
        "A pin with several wires: use a Y cable or a breadboard. Not together: C and D, F and G, M and N.",
    ),
    # the USB picture
    "usb.port": ("Cổng USB của Pi", "USB port of the Pi"),
    "usb.scanner": ("Máy quét mã vạch USB", "USB barcode scanner"),
    "usb.cable": ("cáp của máy quét", "its own cable"),
    "usb.rs232": ("bộ chuyển USB–RS-232", "USB–RS-232 adapter"),
    "usb.ttl33": ("bộ chuyển USB–TTL 3,3 V", "USB–TTL adapter, 3.3 V"),
    "usb.ttl5": ("bộ chuyển USB–TTL 5 V", "USB–TTL adapter, 5 V"),
    "usb.feig": ("FEIG OBID, máy quét RS-232", "FEIG OBID, RS-232 scanner"),
    "usb.own": ("có nguồn điện riêng", "with its own supply"),
}


def say(key: str, language: Language) -> str:
    """The words for a key; what is no key is printed on the board and stays as it is."""
    words = _WORDS.get(key)
    return key if words is None else words[LANGUAGES.index(language)]


def keys() -> frozenset[str]:
    """Every key there is."""
    return frozenset(_WORDS)
