"""Góc Đọc: a self-service library station for children's reading spaces."""

__version__ = "0.1.0"
