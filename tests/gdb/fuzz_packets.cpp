// Sends streams made from valid sessions by random changes to a session over fake harts, and checks that it survives,
// sends well-formed packets only, and still answers a valid packet afterwards. Meant for AddressSanitizer too.
//
//   fuzz_packets ITERATIONS [SEED]

#include <cstdio>
#include <cstdlib>
#include <random>

#include "scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

using Random = std::mt19937_64;
using State = GdbCommands::State;

const std::vector<std::string> payloads = {"?",
                                           "g",
                                           "p1",
                                           "p41",
                                           "p381",
                                           "p1041",
                                           "P2=8877665544332211",
                                           "P381=0500000000000000",
                                           "G" + std::string(65 * 16, '1'),
                                           "m80000000,40",
                                           "m8000fff0,20",
                                           "m80000000,ffffffff",
                                           "M80000010,4:01020304",
                                           "X80000010,4:abcd",
                                           "X0,0:",
                                           "Z0,80000004,4",
                                           "Z1,80000008,2",
                                           "Z2,80001000,8",
                                           "Z3,80001000,8",
                                           "Z4,80001000,8",
                                           "z0,80000004,4",
                                           "z2,80001000,8",
                                           "c",
                                           "c80000000",
                                           "C05",
                                           "C05;80000000",
                                           "s",
                                           "S05",
                                           "vCont?",
                                           "vCont;c",
                                           "vCont;s:1;c",
                                           "vCont;s:2",
                                           "vCont;t:1;c",
                                           "D",
                                           "D;1",
                                           "k",
                                           "vKill;1",
                                           "Hg1",
                                           "Hg2",
                                           "Hc-1",
                                           "Hc1",
                                           "Tp1.1",
                                           "T2",
                                           "qC",
                                           "qfThreadInfo",
                                           "qsThreadInfo",
                                           "qThreadExtraInfo,1",
                                           "qSupported:multiprocess+;swbreak+;hwbreak+;xmlRegisters=i386",
                                           "qXfer:features:read:target.xml:0,800",
                                           "qXfer:features:read:target.xml:400,ffb",
                                           "QStartNoAckMode",
                                           "qAttached",
                                           "qRcmd,68656c70",
                                           "qRcmd,74696d65",
                                           "qRcmd,7265736574",
                                           "vMustReplyEmpty",
                                           "qSymbol::"};

std::size_t below(Random& random, std::size_t limit) {
    return random() % limit;
}

std::string session(Random& random) {
    std::string bytes;
    for (std::size_t packets = 1 + below(random, 8); packets != 0; --packets) {
        bytes += gdb_frame(payloads[below(random, payloads.size())]);
        const std::size_t between = below(random, 12);
        bytes += between == 0 ? "\x03" : between == 1 ? "-" : "+";
    }
    return bytes;
}

/// One packet's payload changed, its checksum right again: so that changes reach the commands.
std::string changed_payload(Random& random) {
    std::string payload = payloads[below(random, payloads.size())];
    const std::string characters = "0123456789abcdefx,;:=.-+pcsg#$}*\xff";
    for (std::size_t changes = 1 + below(random, 3); changes != 0; --changes) {
        const std::size_t at = below(random, payload.size() + 1);
        const char character = characters[below(random, characters.size())];
        switch (below(random, 4)) {
            case 0:
                payload.insert(at, 1, character);
                break;
            case 1:
                payload.erase(at, 1 + below(random, 4));
                break;
            case 2:
                payload.resize(at);
                break;
            default:
                payload.insert(at, std::string(1 + below(random, 20), character));
        }
    }
    return gdb_frame(payload);
}

/// The stream itself changed: frames break, checksums are wrong, packets grow long.
void change_stream(Random& random, std::string& bytes) {
    const std::size_t at = below(random, bytes.size() + 1);
    switch (below(random, 6)) {
        case 0:
            bytes.insert(at, 1, static_cast<char>(random()));
            break;
        case 1:
            bytes.erase(at, 1 + below(random, 30));
            break;
        case 2:
            bytes += bytes.substr(at);
            break;
        case 3:
            if (at < bytes.size()) {
                bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(random, 8));
            }
            break;
        case 4:
            bytes.insert(
                at, std::string(below(random, 200) == 0 ? 2 * gdb_packet_bytes : 40, "$+-\x03#}0g"[below(random, 8)]));
            break;
        default:
            break;
    }
}

void check(bool condition, const char* what, std::uint64_t iteration) {
    if (!condition) {
        std::fprintf(stderr, "iteration %llu: %s\n", static_cast<unsigned long long>(iteration), what);
        std::exit(1);
    }
}

/// Acknowledgements and packets with right checksums, none too long.
bool well_formed(const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (bytes[at] == '+' || bytes[at] == '-') {
            ++at;
            continue;
        }
        const std::size_t end = bytes.find('#', at);
        if (bytes[at] != '$' || end == std::string::npos || end + 3 > bytes.size() || end + 3 - at > gdb_packet_bytes ||
            framed(bytes.substr(at + 1, end - at - 1)) != bytes.substr(at, end + 3 - at)) {
            return false;
        }
        at = end + 3;
    }
    return true;
}

/// Stops as a platform's harts would.
void let_run(Random& random, Scene& scene) {
    constexpr StopReason reasons[] = {StopReason::interrupted, StopReason::stepped, StopReason::breakpoint,
                                      StopReason::write_watchpoint, StopReason::read_watchpoint};
    const bool resetting = scene.session.state() == State::resetting;
    while (scene.session.state() == State::running || scene.session.state() == State::resetting) {
        const auto hart = static_cast<unsigned>(below(random, scene.all.size()));
        scene.session.stopped(hart, {resetting ? StopReason::attached : reasons[below(random, 5)], random()});
    }
}

void one_session(Random& random, std::uint64_t iteration) {
    Scene scene(2);
    const std::size_t parts = 1 + below(random, 4);
    for (std::size_t part = 0; part < parts && scene.session.state() != State::ended; ++part) {
        std::string bytes = session(random) + changed_payload(random) + changed_payload(random);
        for (std::size_t changes = below(random, 4); changes != 0; --changes) {
            change_stream(random, bytes);
        }
        check(well_formed(scene.send(bytes)), "a malformed packet is sent", iteration);
        scene.output.clear();
        let_run(random, scene);
        check(well_formed(scene.output), "a malformed stop reply is sent", iteration);
    }
    if (scene.session.state() == State::stopped) {
        scene.send("$#00");  // ends what may have begun
        check(scene.ask("qAttached") == "1", "a valid packet is not answered any more", iteration);
    }
    scene.session.lost();
    for (const auto& hart : scene.all) {
        check(hart->breakpoints.empty() && hart->watchpoints.empty() && !hart->held, "something stays set in a hart",
              iteration);
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::uint64_t iterations = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1000;
    Random random(count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1);
    for (std::uint64_t iteration = 0; iteration < iterations; ++iteration) {
        one_session(random, iteration);
    }
    std::printf("%llu sessions\n", static_cast<unsigned long long>(iterations));
}
