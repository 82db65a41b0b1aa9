#include <catch2/catch.hpp>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <map>
#include <set>
#include <sstream>

#include "models/gdb/target_description.h"
#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

struct Register {
    unsigned number;
    unsigned bits;
    std::string type;

    bool operator==(const Register&) const = default;
};

/// By feature and name, as an XML parser finds them.
using Description = std::map<std::string, std::map<std::string, Register>>;

Description parse(const std::string& text) {
    boost::property_tree::ptree tree;
    std::istringstream stream(text);
    boost::property_tree::read_xml(stream, tree);
    CHECK(tree.get<std::string>("target.<xmlattr>.version") == "1.0");
    CHECK(tree.get<std::string>("target.architecture") == "riscv:rv64");
    CHECK(tree.get<std::string>("target.osabi") == "none");

    Description result;
    std::set<unsigned> numbers;
    for (const auto& [tag, feature] : tree.get_child("target")) {
        if (tag != "feature") {
            continue;
        }
        auto& registers = result[feature.get<std::string>("<xmlattr>.name")];
        for (const auto& [inner_tag, reg] : feature) {
            if (inner_tag == "reg") {
                const auto number = reg.get<unsigned>("<xmlattr>.regnum");
                CHECK(numbers.insert(number).second);
                registers[reg.get<std::string>("<xmlattr>.name")] = {number, reg.get<unsigned>("<xmlattr>.bitsize"),
                                                                     reg.get<std::string>("<xmlattr>.type")};
            }
        }
    }
    return result;
}

Description describe(const char* isa) {
    FakeMemory memory;
    FakeHart hart(isa, 0, memory);
    return parse(target_description(hart.isa(), described_csrs(hart)));
}

}  // namespace

TEST_CASE("the description has the features that GDB looks for") {
    const auto names = [](const Description& description) {
        std::set<std::string> result;
        for (const auto& feature : description) {
            result.insert(feature.first);
        }
        return result;
    };
    CHECK(names(describe("rv64imafdc")) == std::set<std::string>{"org.gnu.gdb.riscv.cpu", "org.gnu.gdb.riscv.fpu",
                                                                 "org.gnu.gdb.riscv.csr", "org.gnu.gdb.riscv.virtual"});
    CHECK(names(describe("rv64imac")) ==
          std::set<std::string>{"org.gnu.gdb.riscv.cpu", "org.gnu.gdb.riscv.csr", "org.gnu.gdb.riscv.virtual"});
}

TEST_CASE("general registers are numbers 0 to 32") {
    const auto registers = describe("rv64imac").at("org.gnu.gdb.riscv.cpu");
    CHECK(registers.size() == 33);
    CHECK(registers.at("zero") == Register{0, 64, "int"});
    CHECK(registers.at("ra") == Register{1, 64, "code_ptr"});
    CHECK(registers.at("sp") == Register{2, 64, "data_ptr"});
    CHECK(registers.at("fp") == Register{8, 64, "data_ptr"});
    CHECK(registers.at("a0") == Register{10, 64, "int"});
    CHECK(registers.at("s11") == Register{27, 64, "int"});
    CHECK(registers.at("t6") == Register{31, 64, "int"});
    CHECK(registers.at("pc") == Register{32, 64, "code_ptr"});
}

TEST_CASE("floating-point registers are numbers 33 to 64, their CSRs stand beside them") {
    const auto registers = describe("rv64imafdc").at("org.gnu.gdb.riscv.fpu");
    CHECK(registers.size() == 35);
    CHECK(registers.at("ft0") == Register{33, 64, "ieee_double"});
    CHECK(registers.at("fs1") == Register{42, 64, "ieee_double"});
    CHECK(registers.at("fa0") == Register{43, 64, "ieee_double"});
    CHECK(registers.at("ft11") == Register{64, 64, "ieee_double"});
    CHECK(registers.at("fflags") == Register{66, 64, "int"});
    CHECK(registers.at("frm") == Register{67, 64, "int"});
    CHECK(registers.at("fcsr") == Register{68, 64, "int"});
    CHECK(describe("rv64imafc").at("org.gnu.gdb.riscv.fpu").at("ft11") == Register{64, 32, "ieee_single"});
}

TEST_CASE("CSRs are those that the hart has, by number plus 65") {
    const auto registers = describe("rv64imafdc").at("org.gnu.gdb.riscv.csr");
    const std::map<std::string, Register> expected = {
        {"mscratch", {65 + 0x340, 64, "int"}}, {"mepc", {65 + 0x341, 64, "int"}}, {"mhartid", {65 + 0xf14, 64, "int"}}};
    CHECK(registers == expected);
}

TEST_CASE("the privilege mode is register 4161") {
    CHECK(describe("rv64imac").at("org.gnu.gdb.riscv.virtual") ==
          std::map<std::string, Register>{{"priv", {4161, 64, "int"}}});
}
