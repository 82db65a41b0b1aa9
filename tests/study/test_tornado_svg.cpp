#include "platform/study/tornado_svg.h"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

using namespace aqpim;

namespace {

using boost::property_tree::ptree;

/// Parses the picture as XML, so it is well-formed.
ptree parsed(const TornadoPicture& picture) {
    std::stringstream text(draw_tornado(picture));
    ptree tree;
    boost::property_tree::read_xml(text, tree);
    return tree.get_child("svg");
}

TornadoPicture example() {
    return {"Gain <over> \"AttAcc\" & co",
            2,
            "baseline: 2x",
            8,
            "the paper: 8x",
            {{"L", {{0.5, "1: 0.5x"}, {2, "16: 2x"}}}, {"link", {{4, "256 GB/s: 4x"}}}}};
}

struct Rectangle {
    std::string kind;
    double x;
    double width;
};

std::vector<Rectangle> bars(const ptree& svg) {
    std::vector<Rectangle> found;
    for (const auto& [name, child] : svg) {
        const auto kind = child.get<std::string>("<xmlattr>.class", "");
        if (name == "rect" && kind != "page") {
            found.push_back({kind, child.get<double>("<xmlattr>.x"), child.get<double>("<xmlattr>.width")});
        }
    }
    return found;
}

double baseline_x(const ptree& svg) {
    for (const auto& [name, child] : svg) {
        if (name == "line" && child.get<std::string>("<xmlattr>.class") == "base") {
            return child.get<double>("<xmlattr>.x1");
        }
    }
    return NAN;
}

}  // namespace

TEST_CASE("a tornado's picture is well-formed and says in words what it shows") {
    const ptree svg = parsed(example());
    CHECK(svg.get<std::string>("title") == "Gain <over> \"AttAcc\" & co");
    CHECK(svg.get<std::string>("desc") ==
          "Tornado chart on a logarithmic axis. Baseline baseline: 2x. the paper: 8x. L: 1: 0.5x; 16: 2x. link: 256 "
          "GB/s: "
          "4x.");
    CHECK(svg.get<std::string>("<xmlattr>.role") == "img");
    CHECK(svg.get<std::string>("<xmlattr>.aria-labelledby") == "title desc");
}

TEST_CASE("half as much and twice as much are equally far from a tornado's baseline") {
    TornadoPicture picture = example();
    picture.bars[0].ends = {{1, ""}, {4, ""}};
    const ptree svg = parsed(picture);
    const std::vector<Rectangle> found = bars(svg);
    REQUIRE(found.size() == 3);
    const double base = baseline_x(svg);
    CHECK(found[0].width == Approx(found[1].width).margin(0.11));
    for (const Rectangle& bar : found) {
        CHECK((bar.kind == "low" ? bar.x + bar.width : bar.x) == Approx(base).margin(0.11));
    }
}

TEST_CASE("everything of a tornado lies within its picture") {
    for (const double value : {1e-6, 1.999, 2.0, 1e9}) {
        TornadoPicture picture = example();
        const std::string long_text(60, 'x');
        picture.bars.push_back({"far", {{value, long_text}}});
        const ptree svg = parsed(picture);
        const auto width = svg.get<double>("<xmlattr>.width");
        for (const auto& [name, child] : svg) {
            for (const char* attribute : {"<xmlattr>.x", "<xmlattr>.x1"}) {
                const auto x = child.get<double>(attribute, 0);
                CHECK(x >= 0);
                CHECK(x + child.get<double>("<xmlattr>.width", 0) <= width);
            }
            if (child.data() == long_text) {
                // Text of 12 px takes some 7 px a character.
                CHECK(child.get<double>("<xmlattr>.x") + 7 * 60 <= width);
                CHECK(child.get<std::string>("<xmlattr>.text-anchor", "start") == "start");
            }
        }
    }
}

TEST_CASE("a tornado without bars says so") {
    const ptree svg = parsed({"T", 0, "at 200: not available: x", {}, "", {}});
    std::string all;
    for (const auto& [name, child] : svg) {
        all += child.data();
    }
    CHECK(all.find("Nothing to draw. at 200: not available: x") != std::string::npos);
}
