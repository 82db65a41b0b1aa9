#pragma once

#include <type_traits>
#include <utility>

#include "models/cpu/hart.h"

namespace aqpim {

template <class T>
void Hart::load_reserved(const Instruction& instruction) {
    const std::uint64_t address = x_[instruction.rs1];
    std::uint64_t physical = 0;
    T value{};
    if (!is_aligned(Access::load, address, sizeof(T)) || !locate(Access::load, address, sizeof(T), physical) ||
        !read(Access::load, address, &value, sizeof(T))) {
        return;
    }
    x_[instruction.rd] = static_cast<std::uint64_t>(value);
    reservation_ = {address, physical, sizeof(T), static_cast<std::uint64_t>(value)};
    group_.reserve(place_, physical);
}

/// Other harts' writes end the reservation; those of devices show by the value.
template <class T>
void Hart::store_conditional(const Instruction& instruction) {
    const std::uint64_t address = x_[instruction.rs1];
    if (!is_aligned(Access::store, address, sizeof(T))) {
        return;
    }
    const std::optional<Reservation> reserved = std::exchange(reservation_, std::nullopt);
    bool success = reserved && reserved->address == address && reserved->bytes == sizeof(T) &&
                   group_.reserved(place_, reserved->physical);
    group_.release(place_);
    if (success) {
        T held{};
        const T value = static_cast<T>(x_[instruction.rs2]);
        if (!read(Access::store, address, &held, sizeof(T))) {
            return;
        }
        success = static_cast<std::uint64_t>(held) == reserved->value;
        if (success && !write(address, &value, sizeof(T))) {
            return;
        }
    }
    x_[instruction.rd] = success ? 0 : 1;
}

template <class T, class Operator>
void Hart::atomic(const Instruction& instruction, Operator operate) {
    const std::uint64_t address = x_[instruction.rs1];
    T held{};
    if (!is_aligned(Access::store, address, sizeof(T)) || !read(Access::store, address, &held, sizeof(T))) {
        return;
    }
    const T value = static_cast<T>(operate(held, static_cast<T>(x_[instruction.rs2])));
    if (write(address, &value, sizeof(T))) {
        x_[instruction.rd] = static_cast<std::uint64_t>(static_cast<std::make_signed_t<T>>(held));
    }
}

}  // namespace aqpim
