#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aqpim {

/// A tensor in C order.
struct Tensor {
    std::vector<std::size_t> shape;
    std::vector<float> data;

    std::size_t elements() const;
};

/// Reads an `.npy` (format 1.0 to 3.0) of little-endian float16 or float32 in C order. Throws InputError that names the
/// file, what was found and what is allowed.
Tensor read_npy(const std::string& file);

/// "[4, 2, 1024, 64]"
std::string shape_text(const std::vector<std::size_t>& shape);

/// Write `.npy` files of float32 and uint16. Throw InputError when the file cannot be written.
void write_npy(const std::string& file, const Tensor& tensor);
void write_npy(const std::string& file, const std::vector<std::size_t>& shape, const std::vector<std::uint16_t>& data);

}  // namespace aqpim
