#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Goal: at no level does training gain rights: by set-user-ID programs, by namespaces and mounts of its own, by devices, by the kernel's switches.
export TMPDIR=/var/tmp # /tmp is hidden as a whole
. "$(dirname "$0")/lib.sh"
requires unshare
trial() {
    echo hunter2 >"$HOME/.netrc"
    mkdir .git
    echo hunter2 >.git/config
    # Files of the kernel are opened, not written: were it to succeed, no harm is done.
    escape_suite <<'EOF'
grep -q '^NoNewPrivs:.1$' /proc/self/status || escaped "may gain privileges"
grep -q '^CapEff:.0*\(0\|1b\)$' /proc/self/status || escaped "$(grep CapEff /proc/self/status)"
if [ "$(id -u)" -ne 0 ] && sudo -n true 2>/dev/null; then escaped "sudo works"; fi
for file in /dev/mem /dev/kmem /dev/port /dev/kmsg /dev/sda /dev/vda /dev/nvme0n1 /dev/loop0 /dev/kvm /dev/fuse /dev/console \
    /dev/tty1 /proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/drop_caches \
    /sys/kernel/uevent_helper /sys/power/state /sys/kernel/mm/transparent_hugepage/enabled; do
    if (: >>"$file") 2>/dev/null; then escaped "opened $file for writing"; fi
done
for file in /dev/mem /dev/vda /dev/sda /dev/loop0 /proc/kcore /proc/kmsg; do
    if [ -n "$(head -c 1 "$file" 2>/dev/null | tr '\0' x)" ]; then escaped "read $file"; fi
done
mknod disk b 7 0 2>/dev/null && escaped "made a device"
mount -t tmpfs none /mnt 2>/dev/null && escaped "mounted"
mount -o remount,rw,bind / 2>/dev/null && escaped "remounted"
umount "$REAL_HOME" 2>/dev/null && escaped "uncovered HOME"
chroot / true 2>/dev/null && escaped "changed the root"
# As root in namespaces of its own.
unshare -Urmpf --mount-proc bash -s 2>/dev/null <<'END' >>inner
mount -o remount,rw,bind / && echo "ESCAPED: remounted in a namespace"
(: >>/etc/passwd) && [ "$(cat /proc/sys/kernel/hostname)" = repro ] && echo "ESCAPED: opened /etc/passwd in a namespace"
for place in "$REAL_HOME" /tmp /dev "$PROJECT" /tmp/repro/work /tmp/repro/work/.git; do umount -l "$place"; done
for file in "$REAL_HOME/.netrc" "$PROJECT/.git/config" .git/config /tmp/repro/work/.git/config; do
    if grep -qs 'hunter[2]' "$file"; then echo "ESCAPED: read $file in a namespace"; fi
done
END
unshare -Urn bash -c 'exec 3<>/dev/tcp/192.0.2.1/80' 2>/dev/null && escaped "reached the network from a namespace"
cat inner
rm -f inner disk
EOF
    nothing_escapes
}
each_level trial
