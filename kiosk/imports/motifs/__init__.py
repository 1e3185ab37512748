"""The pictures of the drawn covers, `<motif>.png`; manifest.csv names them, LICENSE.txt licenses them."""
