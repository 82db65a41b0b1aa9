# The trap handlers of machine and supervisor mode. Included by harness.S.
    .macro save_x n
    sd x\n, 8 * \n (sp)
    .endm

    .macro restore_x n
    ld x\n, 8 * \n (sp)
    .endm

    .macro restore_all
    .irp n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,2
    restore_x \n
    .endr
    .endm

    .macro vector_slot mode, slot
\mode\()_slot_\slot:
    csrrw sp, \mode\()scratch, sp
    sd t0, 8 * 5 (sp)
    li t0, \slot
    j \mode\()_trap
    .endm

    # Logs the trap, then goes on behind the instruction, or after a fault of the fetch at the address in ra. `flag`
    # tells the handlers apart in the log. Leaves at the sequence's end, when the log is full, and when there is
    # nowhere to go on.
    .macro trap_handler mode, flag
    .balign 256
    .option push
    .option norvc
\mode\()_vectors:
    .irp slot, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    j \mode\()_slot_\slot
    .endr
    .option pop
    .irp slot, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vector_slot \mode, \slot
    .endr

\mode\()_trap:
    .irp n, 1,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    save_x \n
    .endr
    csrrw t1, \mode\()scratch, sp
    sd t1, 8 * 2 (sp)

    li s0, SHARED
    ld s1, SHARED_LOG_COUNT(s0)
    slli s2, s1, LOG_ENTRY_SHIFT
    add s2, s0, s2
    addi s1, s1, 1
    sd s1, SHARED_LOG_COUNT(s0)
    csrr s3, \mode\()cause
    csrr s4, \mode\()epc
    li t1, BREAKPOINT                        # ebreak: xtval may be zero or the address
    bne s3, t1, 1f
    csrr t1, \mode\()tval
    bne s4, t1, 1f
    csrw \mode\()tval, zero
1:
    slli t0, t0, 48
    xor t0, t0, s3
    li t1, \flag << 52
    xor t0, t0, t1
    sd t0, SHARED_LOG(s2)
    sd s4, SHARED_LOG + 8 (s2)
    csrr t0, \mode\()tval
    sd t0, SHARED_LOG + 16 (s2)
    csrr t0, \mode\()status
    sd t0, SHARED_LOG + 24 (s2)

    li t0, LOG_LIMIT
    bgeu s1, t0, \mode\()_leave
    bltz s3, \mode\()_interrupt
    li t0, FETCH_ACCESS_FAULT
    beq s3, t0, \mode\()_fetch_fault
    li t0, FETCH_PAGE_FAULT
    beq s3, t0, \mode\()_fetch_fault

    call \mode\()_code_offset
    ld t0, SHARED_END_OFFSET(s0)
    beq a0, t0, \mode\()_leave
    li t0, CODE
    add t0, t0, a0
    lhu t0, 0(t0)
    andi t0, t0, 3
    addi s4, s4, 2
    addi t0, t0, -3
    bnez t0, \mode\()_go_on
    addi s4, s4, 2
\mode\()_go_on:
    csrw \mode\()epc, s4
\mode\()_return:
    restore_all
    \mode\()ret

\mode\()_fetch_fault:
    ld s4, 8 * 1 (sp)
    andi s4, s4, -2
    call \mode\()_code_offset
    j \mode\()_go_on

\mode\()_interrupt:                          # what is pending stays so: disable it
    li t0, 1
    sll t0, t0, s3
    csrc \mode\()ie, t0
    j \mode\()_return

\mode\()_code_offset:                        # a0: where in the code s4 is; leaves if it is elsewhere
    li t0, -CODE_BYTES
    and t1, s4, t0
    sub a0, s4, t1
    ld t2, SHARED_CODE_BASE(s0)
    beq t1, t2, 1f
    ld t2, SHARED_USER_BASE(s0)
    beq t1, t2, 1f
    li t2, CODE
    bne t1, t2, \mode\()_leave
1:  ret
    .endm

    trap_handler m, 0

    .section .supervisor, "ax"
    trap_handler s, 1
s_leave:                                     # cause 9 is never delegated while supervisor mode can be entered
    restore_all
    ecall
