"""The screen: Kivy and nothing else. It draws view-models and reports taps."""
