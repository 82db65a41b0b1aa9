#include <sstream>

#include "models/uart/uart.h"
#include "tests/host/scene.h"

using namespace aqpim;
using namespace aqpim::test;

namespace {

enum Register : std::uint64_t { rbr_thr_dll, ier_dlm, iir_fcr, lcr, mcr, lsr, msr, scr };

struct Scene {
    Initiator hart{"hart"};
    std::ostringstream output;
    Uart uart{"uart", output};
    Wire interrupt{"interrupt"};

    Scene() {
        hart.socket.bind(uart.socket);
        uart.interrupt.bind(interrupt.signal);
        settle();
    }
    void write(Register offset, std::uint8_t value, Picoseconds delay_ps = 0) {
        REQUIRE(hart.write(offset, value, delay_ps) == tlm::TLM_OK_RESPONSE);
    }
    unsigned read(Register offset) { return hart.read<std::uint8_t>(offset); }
    bool interrupts() {
        settle();
        return interrupt.is_high();
    }
    std::string receive_all() {
        std::string text;
        while ((read(lsr) & 1) != 0) {
            text.push_back(static_cast<char>(read(rbr_thr_dll)));
        }
        return text;
    }
};

}  // namespace

TEST_CASE("the UART sends what is written to THR, at once") {
    Scene scene;
    for (const char character : std::string("hello\n")) {
        CHECK(scene.read(lsr) == 0x60);
        scene.write(rbr_thr_dll, static_cast<std::uint8_t>(character));
    }
    CHECK(scene.output.str() == "hello\n");
    CHECK_FALSE(scene.interrupts());
}

TEST_CASE("with DLAB set, offsets 0 and 1 are the divisor latch") {
    Scene scene;
    scene.write(ier_dlm, 0x01);
    scene.write(lcr, 0x83);
    scene.write(rbr_thr_dll, 0x0c);
    scene.write(ier_dlm, 0x12);
    CHECK(scene.read(rbr_thr_dll) == 0x0c);
    CHECK(scene.read(ier_dlm) == 0x12);
    scene.write(lcr, 0x03);
    CHECK(scene.read(lcr) == 0x03);
    CHECK(scene.read(ier_dlm) == 0x01);
    CHECK(scene.read(rbr_thr_dll) == 0x00);
    CHECK(scene.output.str().empty());
}

TEST_CASE("the divisor latch does not take a received character away") {
    Scene scene;
    scene.uart.receive("x");
    scene.write(lcr, 0x80);
    scene.read(rbr_thr_dll);
    scene.write(lcr, 0x00);
    CHECK(scene.read(rbr_thr_dll) == 'x');
}

TEST_CASE("received characters are read in order, and LSR says while there are any") {
    Scene scene;
    CHECK(scene.read(lsr) == 0x60);
    scene.uart.receive("abc");
    CHECK(scene.read(lsr) == 0x61);
    CHECK(scene.receive_all() == "abc");
    CHECK(scene.read(rbr_thr_dll) == 0);
}

TEST_CASE("a received character interrupts while it is enabled and until it is read") {
    Scene scene;
    scene.uart.receive("a");
    CHECK_FALSE(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x01);
    scene.write(ier_dlm, 0x01);
    CHECK(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x04);
    CHECK(scene.interrupts());
    CHECK(scene.read(rbr_thr_dll) == 'a');
    CHECK_FALSE(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x01);
}

TEST_CASE("a received character raises the interrupt when it comes") {
    Scene scene;
    scene.write(ier_dlm, 0x01);
    run_to(3'000);
    scene.uart.receive("a");
    settle();
    run_to(7'000);
    CHECK(scene.interrupt.changes == Changes{{3'000, true}});
}

TEST_CASE("enabling the THR-empty interrupt raises it, and reading IIR takes it back") {
    Scene scene;
    scene.write(ier_dlm, 0x02);
    CHECK(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x02);
    CHECK_FALSE(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x01);
    scene.write(ier_dlm, 0x02);
    CHECK_FALSE(scene.interrupts());
    scene.write(ier_dlm, 0x00);
    scene.write(ier_dlm, 0x02);
    CHECK(scene.interrupts());
}

TEST_CASE("each character sent raises the THR-empty interrupt again") {
    Scene scene;
    scene.write(ier_dlm, 0x02);
    scene.read(iir_fcr);
    CHECK_FALSE(scene.interrupts());
    scene.write(rbr_thr_dll, 'x');
    CHECK(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x02);
    CHECK_FALSE(scene.interrupts());
}

TEST_CASE("received data goes before THR empty, which reading IIR then leaves pending") {
    Scene scene;
    scene.write(ier_dlm, 0x03);
    scene.uart.receive("a");
    CHECK(scene.read(iir_fcr) == 0x04);
    CHECK(scene.read(rbr_thr_dll) == 'a');
    CHECK(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0x02);
    CHECK_FALSE(scene.interrupts());
}

TEST_CASE("with FIFOs on, fewer characters than the trigger level are a timeout") {
    Scene scene;
    scene.write(iir_fcr, 0x41);  // trigger at 4
    scene.write(ier_dlm, 0x01);
    CHECK(scene.read(iir_fcr) == 0xc1);
    scene.uart.receive("abc");
    CHECK(scene.read(iir_fcr) == 0xcc);
    CHECK(scene.interrupts());
    scene.uart.receive("d");
    CHECK(scene.read(iir_fcr) == 0xc4);
    scene.read(rbr_thr_dll);
    CHECK(scene.read(iir_fcr) == 0xcc);
}

TEST_CASE("the receive FIFO holds 16 characters, without FIFOs one; the sender has the rest") {
    Scene scene;
    scene.uart.receive("0123456789abcdefXYZ");
    scene.write(mcr, 0x10);  // loopback cuts the line
    CHECK(scene.receive_all() == "0");
    scene.write(iir_fcr, 0x01);
    scene.write(mcr, 0x00);
    scene.write(mcr, 0x10);
    CHECK(scene.receive_all() == "123456789abcdefX");
    scene.write(mcr, 0x00);
    CHECK(scene.receive_all() == "YZ");
}

TEST_CASE("clearing the receive FIFO drops what was looped back; the sender repeats the rest") {
    Scene scene;
    scene.uart.receive("abc");
    scene.write(iir_fcr, 0x01);
    scene.write(mcr, 0x10);
    scene.write(rbr_thr_dll, 'q');
    scene.write(iir_fcr, 0x03);
    CHECK(scene.read(lsr) == 0x60);
    scene.write(mcr, 0x00);
    CHECK(scene.receive_all() == "abc");
    CHECK(scene.read(iir_fcr) == 0xc1);
}

TEST_CASE("switching the FIFOs clears them, in either direction") {
    Scene scene;
    scene.write(mcr, 0x10);
    for (const std::uint8_t fcr : {0x01, 0x00}) {
        scene.write(rbr_thr_dll, 'q');
        scene.write(iir_fcr, fcr);
        CHECK(scene.receive_all().empty());
    }
}

TEST_CASE("an overrun in loopback keeps the FIFO's characters, and says so once") {
    Scene scene;
    scene.write(iir_fcr, 0x01);
    scene.write(ier_dlm, 0x04);
    scene.write(mcr, 0x10);
    for (const char character : std::string("0123456789abcdefX")) {
        scene.write(rbr_thr_dll, static_cast<std::uint8_t>(character));
    }
    CHECK(scene.interrupts());
    CHECK(scene.read(iir_fcr) == 0xc6);
    CHECK(scene.read(lsr) == 0x63);
    CHECK(scene.read(lsr) == 0x61);
    CHECK_FALSE(scene.interrupts());
    CHECK(scene.receive_all() == "0123456789abcdef");
}

TEST_CASE("an overrun without FIFOs overwrites the character") {
    Scene scene;
    scene.write(mcr, 0x10);
    scene.write(rbr_thr_dll, 'a');
    scene.write(rbr_thr_dll, 'b');
    CHECK(scene.read(lsr) == 0x63);
    CHECK(scene.read(rbr_thr_dll) == 'b');
}

TEST_CASE("a reset clears every register, and loses nothing of what the sender has") {
    Scene scene;
    scene.write(lcr, 0x80);
    scene.write(rbr_thr_dll, 1);
    scene.write(ier_dlm, 2);
    scene.write(lcr, 0x03);
    scene.write(ier_dlm, 0x0f);
    scene.write(iir_fcr, 0xc1);
    scene.write(mcr, 0x0b);
    scene.write(scr, 0x55);
    scene.uart.receive("abc");
    CHECK(scene.interrupts());
    scene.uart.reset();
    CHECK_FALSE(scene.interrupts());
    for (const auto& [offset, value] :
         {std::pair{ier_dlm, 0x00}, {iir_fcr, 0x01}, {lcr, 0x00}, {mcr, 0x00}, {scr, 0}}) {
        CHECK(scene.read(offset) == static_cast<unsigned>(value));
    }
    CHECK(scene.receive_all() == "abc");
    scene.write(lcr, 0x80);
    CHECK(scene.read(rbr_thr_dll) == 0);
    CHECK(scene.read(ier_dlm) == 0);
}

TEST_CASE("in loopback, characters and modem outputs come back") {
    Scene scene;
    CHECK(scene.read(msr) == 0xb0);
    scene.write(mcr, 0x1a);  // loopback, OUT2, RTS: what drivers probe with
    CHECK((scene.read(msr) & 0xf0) == 0x90);
    scene.write(mcr, 0x15);
    CHECK((scene.read(msr) & 0xf0) == 0x60);
    scene.write(rbr_thr_dll, 'q');
    CHECK(scene.receive_all() == "q");
    CHECK(scene.output.str().empty());
    CHECK(scene.read(mcr) == 0x15);
}

TEST_CASE("the scratch register keeps its value; status registers ignore writes") {
    Scene scene;
    scene.write(scr, 0xa5);
    scene.write(lsr, 0xff);
    scene.write(msr, 0xff);
    scene.write(ier_dlm, 0xf0);
    CHECK(scene.read(scr) == 0xa5);
    CHECK(scene.read(lsr) == 0x60);
    CHECK(scene.read(msr) == 0xb0);
    CHECK(scene.read(ier_dlm) == 0x00);
}

TEST_CASE("the UART's interrupt follows at the access's annotated time") {
    Scene scene;
    run_to(10'000);
    scene.write(ier_dlm, 0x02, 2'500);
    run_to(20'000);
    CHECK(scene.interrupt.changes == Changes{{12'500, true}});
}

TEST_CASE("debug access to the UART neither takes characters nor interrupts") {
    Scene scene;
    scene.write(ier_dlm, 0x02);
    scene.uart.receive("a");
    std::uint8_t value = 0;
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, iir_fcr, value) == 1);
    CHECK(value == 0x02);
    CHECK(scene.hart.debug(tlm::TLM_READ_COMMAND, rbr_thr_dll, value) == 1);
    CHECK(value == 'a');
    CHECK(scene.hart.debug(tlm::TLM_WRITE_COMMAND, rbr_thr_dll, value) == 0);
    CHECK(scene.read(rbr_thr_dll) == 'a');
    CHECK(scene.interrupts());
    CHECK(scene.output.str().empty());
}

TEST_CASE("the UART has eight registers of one byte") {
    Scene scene;
    CHECK(scene.hart.write<std::uint8_t>(8, 0) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.hart.write<std::uint32_t>(0, 'x') == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(scene.output.str().empty());
}
