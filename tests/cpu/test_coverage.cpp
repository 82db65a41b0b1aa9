#include "models/cpu/coverage.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

#include "models/cpu/decoder.h"

using namespace aqpim;

namespace {

std::string csv(const InstructionCoverage& coverage) {
    std::ostringstream out;
    coverage.write_csv(out);
    return out.str();
}

}  // namespace

TEST_CASE("coverage counts each line of the instruction table") {
    InstructionCoverage coverage;
    coverage.count(Operation::addi);
    coverage.count(Operation::addi);
    coverage.count(Operation::amoadd_w);
    CHECK(coverage.executed(Operation::addi) == 2);
    CHECK(coverage.executed(Operation::amoadd_w) == 1);
    CHECK(coverage.executed(Operation::lui) == 0);
    const std::string text = csv(coverage);
    CHECK_THAT(text, Catch::StartsWith("mnemonic,extension,count\nlui,i,0\n"));
    CHECK_THAT(text, Catch::Contains("\naddi,i,2\n"));
    CHECK_THAT(text, Catch::Contains("\namoadd.w,a,1\n"));
    CHECK_THAT(text, Catch::Contains("\nxor,i,0\n"));
}

TEST_CASE("coverage has a row for every line of the table, and none for what is no line") {
    InstructionCoverage coverage;
    for (const InstructionRow& row : instruction_table()) {
        coverage.count(row.operation);
    }
    coverage.count(Operation::illegal);
    coverage.count(Operation::block_end);
    const std::string text = csv(coverage);
    CHECK(std::count(text.begin(), text.end(), '\n') == static_cast<long>(instruction_table().size() + 1));
    CHECK_THAT(text, !Catch::Contains(",0\n"));
    CHECK_THAT(text, !Catch::Contains("illegal") && !Catch::Contains("block"));
}
