# Debian's packages (packaging/debian-packages.txt). Asio and Beast are compiled once, here.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
find_library(HYPERSCAN_LIBRARY hs)  # x86 only: elsewhere RE2 matches, slower
find_path(HYPERSCAN_INCLUDE hs/hs.h)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
find_library(BSON_LIBRARY bson-1.0 REQUIRED)  # its headers by their whole path, so that no other file is compiled anew
find_package(pugixml REQUIRED)
find_package(date REQUIRED)  # time zones
find_package(ZLIB REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)

add_library(sqlitecpp INTERFACE)
target_link_libraries(sqlitecpp INTERFACE SQLiteCpp SQLite::SQLite3)

add_library(asio_impl STATIC ${CMAKE_SOURCE_DIR}/cmake/asio.cc)
target_compile_definitions(asio_impl PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                                            BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(asio_impl PUBLIC Threads::Threads OpenSSL::SSL)
add_library(asio ALIAS asio_impl)
