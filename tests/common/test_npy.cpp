#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "models/common/error.h"
#include "models/common/npy.h"

using namespace aqpim;

namespace {

std::string file_name() {
    static const auto folder = std::filesystem::temp_directory_path() / ("npy-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    return (folder / "tensor.npy").string();
}

/// A format 1.0 file with `header` and `data`.
std::string write_raw(const std::string& header, const std::string& data, char major = 1) {
    const std::string name = file_name();
    std::ofstream out(name, std::ios::binary);
    out << "\x93NUMPY" << major << '\0' << static_cast<char>(header.size() & 0xff)
        << static_cast<char>(header.size() >> 8) << header << data;
    return name;
}

std::string error_of(const std::string& file) {
    try {
        read_npy(file);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("float32 tensors read back") {
    const Tensor tensor{{2, 3}, {1, 2, 3, -4, 0.5F, 6}};
    const std::string name = file_name();
    write_npy(name, tensor);
    const Tensor found = read_npy(name);
    CHECK(found.shape == tensor.shape);
    CHECK(found.data == tensor.data);
    CHECK(std::filesystem::file_size(name) % 8 == 0);
}

TEST_CASE("float16 is widened") {
    const std::string name = write_raw("{'descr': '<f2', 'fortran_order': False, 'shape': (3,), }\n",
                                       std::string("\x00\x3c\x00\xc0\x00\x38", 6));
    CHECK(read_npy(name).data == std::vector<float>{1, -2, 0.5F});
}

TEST_CASE("what is no plain little-endian float tensor is refused with what was found and what is allowed") {
    using Catch::Contains;
    CHECK_THAT(error_of("/nowhere/x.npy"), Contains("/nowhere/x.npy") && Contains("cannot be read as a file"));
    CHECK_THAT(error_of(write_raw("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "1234")),
               Contains("'>f4' found") && Contains("'<f4'"));
    CHECK_THAT(error_of(write_raw("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "12345678")),
               Contains("'<i8'"));
    CHECK_THAT(error_of(write_raw("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "1234")),
               Contains("C order"));
    CHECK_THAT(error_of(write_raw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")),
               Contains("needs 8 bytes of data, 4 found"));
    CHECK_THAT(
        error_of(write_raw("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", "")),
        Contains("too large"));
    CHECK_THAT(error_of(write_raw("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999), }", "")),
               Contains("too large"));
    CHECK_THAT(error_of(write_raw("{}", "")), Contains("header"));
    CHECK_THAT(error_of(write_raw("{}", "", 9)), Contains("version 9"));
    CHECK_THAT(error_of(write_raw(std::string(60'000, ' '), "")), Contains("too long"));
}

TEST_CASE("a file cut off anywhere is refused") {
    const std::string name = file_name();
    write_npy(name, Tensor{{4}, {1, 2, 3, 4}});
    std::ifstream in(name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        std::ofstream(name, std::ios::binary) << bytes.substr(0, length);
        CHECK_THROWS_AS(read_npy(name), InputError);
    }
}
