"""Where delivered documents are kept, byte for byte."""
