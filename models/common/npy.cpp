#include "models/common/npy.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>
#include <string_view>

#include "models/common/error.h"
#include "models/common/fp16.h"

namespace aqpim {

static_assert(std::endian::native == std::endian::little, "the .npy files read and written here are little-endian");

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t header_alignment = 64;
constexpr std::size_t longest_header = 4096;

[[noreturn]] void refuse(const std::string& file, const std::string& what) {
    throw InputError(fmt::format("{}: {}", file, what));
}

struct Header {
    std::string type;
    std::vector<std::size_t> shape;
    std::size_t data_offset = 0;
};

std::string header_dictionary(const std::string& file, const std::string& bytes, std::size_t& data_offset) {
    const std::size_t prefix = magic.size() + 2;
    if (bytes.size() < prefix + 4 || bytes.compare(0, magic.size(), magic) != 0) {
        refuse(file, "not a NumPy .npy file (its first bytes are not \\x93NUMPY)");
    }
    const int major = static_cast<unsigned char>(bytes[magic.size()]);
    if (major < 1 || major > 3) {
        refuse(file, fmt::format(".npy format version {} found; 1 to 3 are allowed", major));
    }
    std::uint32_t length = 0;
    const std::size_t width = major == 1 ? 2 : 4;
    std::memcpy(&length, bytes.data() + prefix, width);
    if (length > bytes.size() - prefix - width) {
        refuse(file, "the file ends within its header");
    }
    if (length > longest_header) {
        refuse(file, fmt::format("a header of {} bytes is too long for a plain array", length));
    }
    data_offset = prefix + width + length;
    return bytes.substr(prefix + width, length);
}

Header parse_header(const std::string& file, const std::string& bytes) {
    Header header;
    const std::string dictionary = header_dictionary(file, bytes, header.data_offset);
    static const std::regex descr("'descr'\\s*:\\s*'([^']*)'");
    static const std::regex order("'fortran_order'\\s*:\\s*(True|False)");
    static const std::regex shape("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");
    std::smatch type_match;
    std::smatch order_match;
    std::smatch shape_match;
    if (!std::regex_search(dictionary, type_match, descr) || !std::regex_search(dictionary, order_match, order) ||
        !std::regex_search(dictionary, shape_match, shape)) {
        refuse(file, "the .npy header names no descr, fortran_order and shape of a plain array");
    }
    if (order_match[1] == "True") {
        refuse(file, "Fortran order found; C order is allowed");
    }
    header.type = type_match[1];
    if (header.type != "<f2" && header.type != "<f4") {
        refuse(file, fmt::format("type '{}' found; little-endian float16 ('<f2') or float32 ('<f4') is allowed",
                                 header.type));
    }
    const std::string dimensions = shape_match[1];
    static const std::regex number("[0-9]+");
    for (std::sregex_iterator it(dimensions.begin(), dimensions.end(), number), end; it != end; ++it) {
        if (it->length() > 12) {
            refuse(file, fmt::format("a dimension of {} is too large", it->str()));
        }
        header.shape.push_back(std::stoull(it->str()));
    }
    return header;
}

std::size_t checked_elements(const std::string& file, const std::vector<std::size_t>& shape) {
    std::size_t elements = 1;
    for (const std::size_t dimension : shape) {
        if (dimension != 0 && elements > (std::size_t{1} << 40) / dimension) {
            refuse(file, fmt::format("shape {} is too large", shape_text(shape)));
        }
        elements *= dimension;
    }
    return elements;
}

std::string make_header(std::string_view type, const std::vector<std::size_t>& shape) {
    std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", type,
                                         fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
    const std::size_t prefix = magic.size() + 4;
    dictionary.append(header_alignment - (prefix + dictionary.size() + 1) % header_alignment, ' ');
    dictionary += '\n';
    const auto length = static_cast<std::uint16_t>(dictionary.size());
    std::string header(magic);
    header += '\x01';
    header += '\x00';
    header += static_cast<char>(length & 0xff);
    header += static_cast<char>(length >> 8);
    return header + dictionary;
}

void write_file(const std::string& file, const std::string& header, const void* data, std::size_t bytes) {
    std::ofstream out(file, std::ios::binary);
    out << header;
    out.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
    out.close();
    if (!out) {
        refuse(file, "cannot be written");
    }
}

}  // namespace

std::size_t Tensor::elements() const {
    std::size_t product = 1;
    for (const std::size_t dimension : shape) {
        product *= dimension;
    }
    return product;
}

std::string shape_text(const std::vector<std::size_t>& shape) {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

Tensor read_npy(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        refuse(file, "cannot be read as a file");
    }
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const Header header = parse_header(file, bytes);
    const std::size_t elements = checked_elements(file, header.shape);
    const std::size_t width = header.type == "<f2" ? sizeof(Half) : sizeof(float);
    const std::size_t found = bytes.size() - header.data_offset;
    if (found != elements * width) {
        refuse(file, fmt::format("shape {} of '{}' needs {} bytes of data, {} found", shape_text(header.shape),
                                 header.type, elements * width, found));
    }
    Tensor tensor{header.shape, std::vector<float>(elements)};
    const char* const data = bytes.data() + header.data_offset;
    if (width == sizeof(float)) {
        std::memcpy(tensor.data.data(), data, found);
        return tensor;
    }
    for (std::size_t i = 0; i < elements; ++i) {
        Half half = 0;
        std::memcpy(&half, data + i * sizeof half, sizeof half);
        tensor.data[i] = to_float(half);
    }
    return tensor;
}

void write_npy(const std::string& file, const Tensor& tensor) {
    write_file(file, make_header("<f4", tensor.shape), tensor.data.data(), tensor.data.size() * sizeof(float));
}

void write_npy(const std::string& file, const std::vector<std::size_t>& shape, const std::vector<std::uint16_t>& data) {
    write_file(file, make_header("<u2", shape), data.data(), data.size() * sizeof(std::uint16_t));
}

}  // namespace aqpim
