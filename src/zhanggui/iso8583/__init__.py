"""The codec: field encodings, message plans, framing and BER-TLV. It knows no dialect."""
