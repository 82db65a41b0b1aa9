#pragma once

#include <cstdint>

#include "tests/pcie/detailed/scene.h"

namespace aqpim::pcie::test {

/// A long transfer as a DMA engine makes it: pieces of which a few are in flight.
class Stream final : public TransactionOwner {
 public:
    struct Setup {
        TransactionKind kind;
        std::uint64_t base;   ///< of the memory that is read or written
        std::uint64_t bytes;  ///< in all; a multiple of the piece
        std::uint64_t piece;
        unsigned in_flight;
        std::uint64_t wrap = ~std::uint64_t{0};  ///< bytes after which the base comes again
        std::uint8_t* data = nullptr;            ///< of one piece, for all; null: it does not matter
    };
    Stream(End& from, const Setup& setup) : from_(from), setup_(setup) {}

    void start(Picoseconds at = 0) {
        for (unsigned i = 0; i < setup_.in_flight; ++i) {
            start_next(at);
        }
    }
    /// When the last piece was done.
    Picoseconds ended() const { return ended_; }

    void done(Transaction&, Picoseconds at) override {
        ended_ = at;
        start_next(at);
    }

 private:
    void start_next(Picoseconds at) {
        if (started_ == setup_.bytes) {
            return;
        }
        auto transaction = std::make_shared<Transaction>();
        transaction->kind = setup_.kind;
        transaction->requester = from_.id();
        transaction->address = setup_.base + started_ % setup_.wrap;
        transaction->bytes = setup_.piece;
        transaction->data = setup_.data;
        transaction->owner = this;
        started_ += setup_.piece;
        from_.port().start(std::move(transaction), at);
    }

    End& from_;
    Setup setup_;
    std::uint64_t started_ = 0;
    Picoseconds ended_ = 0;
};

}  // namespace aqpim::pcie::test
