"""Faces with Vietnamese and Tai Viet letters in one file.

make_fonts.py makes them and says of what; LICENSE.txt licenses them.
"""
