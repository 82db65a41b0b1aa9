#include "models/pim/unit_vectors.h"

#include <algorithm>

namespace aqpim {

/// `visit(data, column, i, dim)`: subvector i of the object at `column`, which begins with dimension `dim`.
template <typename Visit>
void UnitVectors::for_each_part(const Place& place, const Visit& visit) const {
    aqpim_layout layout = layout_;
    layout.subvector_bytes /= place.blocks;
    HeadData data(store_, layout, shape_.subvectors, group_);
    for (std::uint32_t block = 0; block < place.blocks; ++block) {
        for (std::uint32_t i = 0; i < shape_.subvectors; ++i) {
            const std::uint32_t dim = block * shape_.head_dim / place.blocks + i * data.dims();
            visit(data, place.column + block * place.stride, i, dim);
        }
    }
}

std::vector<float> UnitVectors::read(const Place& place, std::uint32_t first, std::uint32_t elements) const {
    std::vector<std::uint16_t> words(std::size_t{elements} * shape_.head_dim);
    for_each_part(place, [&](const HeadData& data, std::uint32_t column, std::uint32_t i, std::uint32_t dim) {
        const std::vector<std::uint16_t> part = data.read_vectors(column, i, first, elements);
        for (std::size_t e = 0; e < elements; ++e) {
            std::copy_n(&part[e * data.dims()], data.dims(), &words[e * shape_.head_dim + dim]);
        }
    });
    return load_words(words, arithmetic_);
}

void UnitVectors::write(const Place& place, std::uint32_t first, const std::vector<float>& values) {
    const std::vector<std::uint16_t> words = store_words(values, arithmetic_);
    const std::size_t elements = words.size() / shape_.head_dim;
    for_each_part(place, [&](HeadData& data, std::uint32_t column, std::uint32_t i, std::uint32_t dim) {
        std::vector<std::uint16_t> part(elements * data.dims());
        for (std::size_t e = 0; e < elements; ++e) {
            std::copy_n(&words[e * shape_.head_dim + dim], data.dims(), &part[e * data.dims()]);
        }
        data.write_vectors(column, i, first, part);
    });
}

HeadData UnitVectors::packed_codes() const {
    return {store_, aqpim_uniform_layout(&layout_, shape_.centroids), shape_.subvectors, group_};
}

HeadData UnitVectors::token_parameters() const {
    return {store_, aqpim_token_parameter_layout(&layout_), shape_.subvectors, group_};
}

/// `visit(dim, word, shift)`: subvector by subvector, where the code of dimension `dim` lies in its part of a vector.
template <typename Visit>
void UnitVectors::for_each_code(const Visit& visit) const {
    constexpr std::uint32_t word_bits = 16;
    const std::uint32_t bits = aqpim_code_bits(shape_.centroids);
    for (std::uint32_t dim = 0; dim < shape_.head_dim / shape_.subvectors; ++dim) {
        visit(dim, dim * bits / word_bits, dim * bits % word_bits);
    }
}

std::vector<std::uint8_t> UnitVectors::read_codes(std::uint32_t column, std::uint32_t elements) const {
    const HeadData data = packed_codes();
    std::vector<std::uint8_t> codes(std::size_t{elements} * shape_.head_dim);
    for (std::uint32_t i = 0; i < shape_.subvectors; ++i) {
        const std::vector<std::uint16_t> words = data.read_vectors(column, i, 0, elements);
        const std::uint32_t first = i * (shape_.head_dim / shape_.subvectors);
        for (std::size_t e = 0; e < elements; ++e) {
            for_each_code([&](std::uint32_t dim, std::uint32_t word, std::uint32_t shift) {
                codes[e * shape_.head_dim + first + dim] =
                    static_cast<std::uint8_t>(words[e * data.dims() + word] >> shift & (shape_.centroids - 1));
            });
        }
    }
    return codes;
}

void UnitVectors::write_codes(std::uint32_t column, std::uint32_t first, const std::vector<std::uint8_t>& codes) {
    HeadData data = packed_codes();
    const std::size_t elements = codes.size() / shape_.head_dim;
    for (std::uint32_t i = 0; i < shape_.subvectors; ++i) {
        std::vector<std::uint16_t> words(elements * data.dims());
        const std::uint32_t first_dim = i * (shape_.head_dim / shape_.subvectors);
        for (std::size_t e = 0; e < elements; ++e) {
            for_each_code([&](std::uint32_t dim, std::uint32_t word, std::uint32_t shift) {
                const std::uint32_t code = codes[e * shape_.head_dim + first_dim + dim];
                std::uint16_t& target = words[e * data.dims() + word];
                target = static_cast<std::uint16_t>(target | code << shift);
            });
        }
        data.write_vectors(column, i, first, words);
    }
}

std::vector<UniformParameters> UnitVectors::read_channel_parameters(std::uint32_t column) const {
    const std::vector<float> both = read({column}, 0, 2);
    std::vector<UniformParameters> parameters;
    for (std::size_t j = 0; j < shape_.head_dim; ++j) {
        parameters.push_back({both[j], both[shape_.head_dim + j]});
    }
    return parameters;
}

void UnitVectors::write_channel_parameters(std::uint32_t column, const std::vector<UniformParameters>& parameters) {
    std::vector<float> both(2 * parameters.size());
    for (std::size_t j = 0; j < parameters.size(); ++j) {
        both[j] = parameters[j].scale;
        both[parameters.size() + j] = parameters[j].zero;
    }
    write({column}, 0, both);
}

std::vector<UniformParameters> UnitVectors::read_token_parameters(std::uint32_t column, std::uint32_t elements) const {
    const HeadData data = token_parameters();
    const std::vector<float> scales = load_words(data.read_vectors(column, 0, 0, elements), arithmetic_);
    const std::vector<float> zeros = load_words(data.read_vectors(column, 1, 0, elements), arithmetic_);
    std::vector<UniformParameters> parameters;
    for (std::size_t e = 0; e < elements; ++e) {
        parameters.push_back({scales[e], zeros[e]});
    }
    return parameters;
}

void UnitVectors::write_token_parameters(std::uint32_t column, std::uint32_t first,
                                         const std::vector<UniformParameters>& parameters) {
    HeadData data = token_parameters();
    for (std::uint32_t i = 0; i < shape_.subvectors; ++i) {
        std::vector<float> values(parameters.size());
        for (std::size_t e = 0; e < values.size() && i < 2; ++e) {
            values[e] = i == 0 ? parameters[e].scale : parameters[e].zero;
        }
        data.write_vectors(column, i, first, store_words(values, arithmetic_));
    }
}

}  // namespace aqpim
