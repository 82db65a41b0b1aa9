#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/parameter.h"
#include "models/common/sparse_memory.h"

namespace aqpim::dram {

/// One bad cell.
struct FaultPlace {
    enum class Kind : std::uint8_t { inverted, stuck0, stuck1 };

    std::uint64_t address = 0;  ///< of its byte
    std::uint32_t bit = 0;      ///< of the byte, 0 the least significant
    Kind kind = Kind::inverted;
};

/// Faults of the cells and what is done about them: in section `dram`.
struct FaultParameters {
    std::string ecc;
    double rate = 0;  ///< probability of a wrong bit, per bit read
    std::string places;
    std::uint64_t seed = 0;

    void declare(ParameterSection dram);
    /// `places`, read. Throws InputError that names the first bad one.
    std::vector<FaultPlace> parse_places(std::uint64_t capacity_bytes) const;
};

/// What reads have met.
struct MemoryErrors {
    std::uint64_t bits_flipped = 0;  ///< wrong bits in words read, check bits included
    std::uint64_t corrected = 0;     ///< words that ECC put right
    std::uint64_t detected = 0;      ///< words that ECC could not put right: poisoned
    std::uint64_t undetected = 0;    ///< words delivered wrong without notice
};

enum class ReadOutcome : std::uint8_t {
    ok,
    poisoned,  ///< a word of it has an error that ECC detects and cannot correct
};

/// Puts faults into what is read from a memory, and what ECC does about them. The array is read in aligned words of 64
/// bits, with ECC and its 8 check bits, of which nothing is stored: they always belong to the word written. Faults are
/// of the read only; the store keeps what was written.
///
/// Which bits are wrong follows from the seed and the order of reads alone. ECC is inline in time: it costs none.
class FaultInjector {
 public:
    /// Throws InputError for a bad place.
    FaultInjector(const FaultParameters& parameters, std::uint64_t capacity_bytes);

    /// Whether any read can be wrong; while not, apply() need not be called.
    bool active() const { return active_; }

    /// `data` is what has just been read from `store` at `address`: gets the wrong bits that ECC leaves in it.
    ReadOutcome apply(const SparseMemory& store, std::uint64_t address, std::uint8_t* data, std::size_t bytes);

    const MemoryErrors& errors() const { return errors_; }

 private:
    static constexpr std::uint64_t word_bytes = 8;

    /// Wrong bits of one word.
    struct WordFlips {
        std::uint64_t word;  ///< address / 8
        std::uint64_t data;
        std::uint8_t check;
    };
    struct Read {
        std::uint64_t address;
        std::uint8_t* data;
        std::size_t bytes;
    };
    /// Bad bits of one word.
    struct BadBits {
        std::uint64_t inverted = 0;
        std::uint64_t stuck0 = 0;
        std::uint64_t stuck1 = 0;
    };

    void add_places(const SparseMemory& store, std::uint64_t first_word, std::uint64_t last_word);
    void add_random_flips(std::uint64_t first_word, std::uint64_t words);
    std::uint64_t bits_to_next_flip();
    void merge_flips();
    ReadOutcome deliver(const SparseMemory& store, const WordFlips& flips, const Read& read);
    static bool put_wrong_bits(const Read& read, std::uint64_t word, std::uint64_t wrong);

    bool ecc_;
    double rate_;
    bool active_;
    std::map<std::uint64_t, BadBits> bad_words_;
    std::mt19937_64 random_;
    std::uint64_t next_flip_ = 0;   ///< bits that will be read before the next wrong one
    std::vector<WordFlips> flips_;  ///< of the read under way
    MemoryErrors errors_;
};

}  // namespace aqpim::dram
