/* Software trace port: firmware says what it is doing; the times of a run's phases come from here. */
#ifndef AQPIM_TRACE_PORT_H
#define AQPIM_TRACE_PORT_H

/* Registers, 32 bits each. Phases nest; END closes the innermost one. */
#define AQPIM_TRACE_BEGIN 0x00u /* WO: phase | argument << 8 */
#define AQPIM_TRACE_END 0x04u   /* WO: phase, which must be the innermost one */

enum aqpim_phase {
    AQPIM_PHASE_SETUP = 1,   /* enumeration, rings */
    AQPIM_PHASE_PREFILL = 2, /* all layers */
    AQPIM_PHASE_LAYER = 3,   /* argument: layer; within PREFILL or DECODE */
    AQPIM_PHASE_DECODE = 4,  /* argument: step */
    AQPIM_PHASE_USER = 64    /* this and above: for firmware of one's own */
};

#endif
