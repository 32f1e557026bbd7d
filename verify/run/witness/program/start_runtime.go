//go:build linux && liftwitness

package main

import (
	"sync/atomic"
	"syscall"
	_ "unsafe" // for linkname
)

// What the runtime keeps of the state that it found. Nothing else does: by now the kernel knows the runtime's own handlers, mask and limit. The tag keeps these references, which the linker allows with
// -checklinkname=0 alone, out of an ordinary build of the module.

//go:linkname fwdSig runtime.fwdSig
var fwdSig [65]uintptr // handlers that were installed; of the signals that the runtime leaves alone: 0

//go:linkname initSigmask runtime.initSigmask
var initSigmask [2]uint32

//go:linkname origRlimitNofile syscall.origRlimitNofile
var origRlimitNofile atomic.Pointer[syscall.Rlimit] // nil: it was not changed

func startSignals() (ignored, blocked signalSet) {
	ignored = status().signals("SigIgn") // those that the runtime leaves alone
	for n := 1; n < len(fwdSig); n++ {
		if fwdSig[n] == 1 { // SIG_IGN
			ignored |= 1 << (n - 1)
		}
	}
	return ignored, signalSet(initSigmask[0]) | signalSet(initSigmask[1])<<32
}

func startNofile() syscall.Rlimit {
	if l := origRlimitNofile.Load(); l != nil {
		return *l
	}
	return limit(syscall.RLIMIT_NOFILE)
}
