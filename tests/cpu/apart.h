#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace aqpim::test {

/// The numbers that `scene` gives, computed in a process of its own: a kernel elaborates only once, and some tests
/// compare several simulations.
template <class Scene>
std::vector<std::uint64_t> apart(Scene scene) {
    int ends[2];
    if (pipe(ends) != 0) {
        throw std::runtime_error("no pipe");
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        const std::vector<std::uint64_t> numbers = scene();
        const auto bytes = static_cast<ssize_t>(numbers.size() * sizeof(std::uint64_t));
        _exit(write(ends[1], numbers.data(), static_cast<std::size_t>(bytes)) == bytes ? 0 : 1);
    }
    close(ends[1]);
    std::vector<std::uint64_t> numbers;
    std::uint64_t number = 0;
    while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
        numbers.push_back(number);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) {
        throw std::runtime_error("the scene failed");
    }
    return numbers;
}

}  // namespace aqpim::test
