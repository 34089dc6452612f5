# SPDX-License-Identifier: BSL-1.0
# Of the checkout that it lies in: spack repo add docs/packaging/spack; spack dev-build cosmoml@main
from spack.package import *


class Cosmoml(CMakePackage):
    """Machine learning for cosmology, header-only C++20."""

    version("main")

    variant("eigen", default=False, description="Eigen's arrays as inputs, and the backend")
    variant("xtensor", default=False, description="xtensor's arrays as inputs")
    variant("zlib", default=True, description="Compressed files")
    variant("hdf5", default=False, description="HDF5 files and snapshots of particles")
    variant("fits", default=False, description="FITS files")

    depends_on("cxx", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("eigen@3.4:", when="+eigen")
    depends_on("xtensor@0.24:", when="+xtensor")
    depends_on("zlib-api", when="+zlib")
    depends_on("hdf5", when="+hdf5")
    depends_on("zlib-api", when="+hdf5")
    depends_on("cfitsio", when="+fits")

    conflicts("%gcc@:11", msg="cosmoml needs the C++20 of g++ 12 or clang 16")
    conflicts("%clang@:15", msg="cosmoml needs the C++20 of g++ 12 or clang 16")

    def cmake_args(self):
        return [
            self.define("COSMOML_BUILD_TESTS", False),
            self.define("COSMOML_BUILD_EXAMPLES", False),
        ]
