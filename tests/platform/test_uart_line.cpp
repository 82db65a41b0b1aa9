#include <catch2/catch.hpp>

#include <unistd.h>

#include "models/common/error.h"
#include "platform/uart_line.h"
#include "tests/platform/temporary_directory.h"

using namespace aqpim;
using Catch::Contains;
using namespace std::chrono_literals;

namespace {

/// A pipe in the place of standard input.
class TypedInput {
 public:
    TypedInput() : kept_(dup(STDIN_FILENO)) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        end_ = ends[1];
    }
    ~TypedInput() {
        hang_up();
        dup2(kept_, STDIN_FILENO);
        ::close(kept_);
    }
    TypedInput(const TypedInput&) = delete;
    TypedInput& operator=(const TypedInput&) = delete;

    void type(const std::string& text) const {
        REQUIRE(write(end_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    void hang_up() {
        if (end_ >= 0) {
            ::close(end_);
            end_ = -1;
        }
    }

 private:
    int kept_;
    int end_ = -1;
};

}  // namespace

TEST_CASE("without input nobody types") {
    UartLine line("none");
    CHECK(line.take().empty());
    CHECK_FALSE(line.is_open());
}

TEST_CASE("a file is typed at once, as it is") {
    const test::TemporaryDirectory directory;
    UartLine line(directory.write("typed", "pci\n\r\x03"));
    CHECK(line.take() == "pci\n\r\x03");
    CHECK(line.take().empty());
    CHECK_FALSE(line.is_open());
}

TEST_CASE("standard input is taken as it comes, until its end") {
    TypedInput input;
    UartLine line("stdin");
    CHECK(line.take().empty());
    CHECK(line.is_open());
    input.type("ab");
    line.wait(10s);  // not that long
    CHECK(line.take() == "ab");
    line.wait(1ms);
    CHECK(line.take().empty());
    input.type("c");
    input.hang_up();
    CHECK(line.take() == "c");
    CHECK_FALSE(line.is_open());
}

TEST_CASE("input that cannot be read is refused") {
    CHECK_THROWS_WITH(UartLine("nowhere.txt"), Contains("nowhere.txt: cannot be read as the UART's input"));
    CHECK_THROWS_AS(UartLine("/"), InputError);
}
