"""Documents as files: PDF by typst, HTML by our own elements, with barcode and QR code."""
