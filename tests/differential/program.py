"""The code of a sequence: groups of instructions. Branches go from group to group, never into one."""

import csrs
import privileged
import unprivileged
from assembly import Assembly, Label
from layout import CODE

# Groups and how often they are chosen.
GROUPS = {
    unprivileged.compute: 30, unprivileged.immediate: 4, unprivileged.adjust_stack: 0.3, unprivileged.floating: 16,
    unprivileged.float_to_integer: 8, unprivileged.memory: 24, unprivileged.atomic: 6, unprivileged.reservation: 3,
    unprivileged.branch: 7, unprivileged.loop: 3, unprivileged.jump: 2, unprivileged.jump_into_nothing: 0.7,
    unprivileged.modify_code: 1, unprivileged.random_word: 6, privileged.trap: 3, privileged.trap_return: 1.2,
    privileged.interrupt: 1, privileged.wait: 0.5, privileged.modify_privilege: 2, privileged.modify_translation: 2,
    csrs.access: 8, csrs.swap: 1,
}


class Program(Assembly):
    """As many groups as wanted, and the ecall by which the harness knows the end."""

    def __init__(self, random, scene, groups):
        super().__init__(random, scene)
        self.mode = scene.mode  # None: this or a lower one, after a return whose path may have been skipped
        for group in random.choices(list(GROUPS), GROUPS.values(), k=groups):
            group(self)
            self.end_group()
        while self.pending:
            self.end_group()
        end = self.place(Label())
        self.add("ecall")
        self.lay_out()
        self.end_offset = end.address - CODE
