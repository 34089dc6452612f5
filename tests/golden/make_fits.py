#!/usr/bin/env python3
"""A FITS file as astropy writes it: images of several BITPIX, scaled and with blanks, packed, and a binary table. Needs astropy."""
import os

import numpy as np
from astropy.io import fits

here = os.path.dirname(os.path.abspath(__file__)) + "/fits"
os.makedirs(here, exist_ok=True)
first = fits.PrimaryHDU(np.arange(24, dtype=">f4").reshape(2, 3, 4) / 8)
first.header["EXPTIME"], first.header["OBJECT"], first.header["NEXP"] = 12.5, "a galaxy", 3
scaled = fits.ImageHDU(np.array([[1, 2, -99], [4, 5, 6]], dtype=np.int16), name="SCALED")
scaled.header["BSCALE"], scaled.header["BZERO"], scaled.header["BLANK"] = 0.5, 10, -99
unsigned = fits.ImageHDU(np.array([0, 40000, 65535], dtype=np.uint16), name="UNSIGNED")
table = fits.BinTableHDU.from_columns([
    fits.Column("ra", "D", array=np.array([0.25, 1.5, 359.75])), fits.Column("mag", "4E", array=np.arange(12, dtype="f4").reshape(3, 4)),
    fits.Column("id", "K", array=np.array([1, -2, 1 << 40])), fits.Column("name", "8A", array=np.array(["M31", "NGC 1365", "x"])),
    fits.Column("good", "L", array=np.array([True, False, True])), fits.Column("any", "PJ()", array=np.array([[1], [1, 2], []], dtype=object))], name="STARS")
packed = fits.CompImageHDU(np.arange(400, dtype=np.int32).reshape(20, 20) // 7, name="PACKED", compression_type="RICE_1")
fits.HDUList([first, scaled, unsigned, table, packed]).writeto(here + "/parts.fits", overwrite=True)
fits.HDUList([fits.PrimaryHDU(), packed]).writeto(here + "/packed.fits", overwrite=True, checksum=True)
