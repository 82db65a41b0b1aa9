/* Ends the run through the finisher (SiFive test device). */
#ifndef AQPIM_SDK_FINISHER_H
#define AQPIM_SDK_FINISHER_H

/* What main() returns comes here: 0 passes, 1 to 65534 fail with this code, anything else fails with code 1 (65535 is
 * AQPIM_EXIT_UNHANDLED_TRAP). */
_Noreturn void aqpim_exit(int code);

/* Fails with AQPIM_EXIT_UNHANDLED_TRAP. */
_Noreturn void aqpim_exit_unhandled_trap(void);

#endif
