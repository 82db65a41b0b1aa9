# What is left of a sequence, and how it is printed. Included by harness.S.
    .section .text

    .macro capture_csr number, offset
    csrr t0, \number
    sd t0, CONTEXT_CSRS + \offset (sp)
    .endm

    .macro store_f n
    fsd f\n, CONTEXT_F + 8 * \n (sp)
    .endm

m_leave:                                     # sp: m_context
    for_each_captured_csr capture_csr
    csrw PMPCFG0, zero                       # an access that an entry matches in part fails even here
    csrw PMPCFG2, zero
    la t0, harness_trap
    csrw mtvec, t0
    li t0, FS_DIRTY
    csrw mstatus, t0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    store_f \n
    .endr
    frcsr t0
    sd t0, CONTEXT_FCSR(sp)
    mv s2, sp
    ld s0, CONTEXT_RECORD(s2)
    la sp, stack_top
    ld s3, RECORD_FULL(s0)

    ld a0, RECORD_INDEX(s0)
    call put_word
    li s4, SHARED
    ld a0, SHARED_LOG_COUNT(s4)
    call put_word
    addi a0, s2, 8
    li a1, 31
    li a2, 'X'
    call report
    addi a0, s2, CONTEXT_F
    li a1, 33
    li a2, 'F'
    call report
    addi a0, s2, CONTEXT_CSRS
    li a1, CAPTURED_CSRS
    li a2, 'C'
    call report
    addi a0, s4, SHARED_LOG
    ld a1, SHARED_LOG_COUNT(s4)
    slli a1, a1, LOG_ENTRY_SHIFT - 3
    li a2, 'L'
    call report
    li a0, CODE
    li a1, (DATA_END - CODE) / 8
    li a2, 'M'
    call report
    call put_newline

    ld t1, RECORD_POKES(s0)                  # the record's end
    slli t1, t1, 4
    add s0, s0, t1
    addi s0, s0, RECORD_BYTES
    j next_record

report:                                      # a0: words, a1: how many, a2: letter; s3: next bit: all, not a digest
    addi sp, sp, -32
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    slli a1, a1, 3
    add s1, a0, a1
    mv s0, a0
    mv a0, a2
    call put_character
    andi t0, s3, 1
    srli s3, s3, 1
    bnez t0, report_all
    li t0, 0x9e3779b97f4a7c15
    li a0, 0
1:  ld t1, 0(s0)
    addi s0, s0, 8
    xor a0, a0, t1
    mul a0, a0, t0
    srli t1, a0, 32
    xor a0, a0, t1
    bltu s0, s1, 1b
    call put_word
    j report_done
report_all:
2:  ld a0, 0(s0)
    call put_word
    addi s0, s0, 8
    bltu s0, s1, 2b
report_done:
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    addi sp, sp, 32
    ret

put_word:                                    # a0 in hexadecimal without leading zeros, and a space
    li t0, 60
1:  srl t1, a0, t0                           # skip leading zeros
    bnez t1, 2f
    addi t0, t0, -4
    bgtz t0, 1b
2:  mv t4, a0
    mv t5, ra
3:  srl a0, t4, t0
    andi a0, a0, 15
    li t1, 10
    bltu a0, t1, 4f
    addi a0, a0, 'a' - '0' - 10
4:  addi a0, a0, '0'
    call put_character
    addi t0, t0, -4
    bgez t0, 3b
    li a0, ' '
    mv ra, t5
    j put_character

put_newline:
    li a0, '\n'
put_character:                               # changes t1 and t2
    li t1, UART_THR
1:  lbu t2, UART_LSR_OFFSET(t1)
    andi t2, t2, UART_THR_EMPTY
    beqz t2, 1b
    sb a0, 0(t1)
    ret
