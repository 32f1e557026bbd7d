package main

import (
	"io"
	"testing"
)

func BenchmarkBookshop(b *testing.B) {
	out := b.TempDir()
	for b.Loop() {
		a := &app{out: io.Discard, err: io.Discard}
		if code := a.run([]string{"diff", fixtures + "/apps/bookshop", "--to", "kubernetes", "--out", out}); code != 0 {
			b.Fatal(code)
		}
	}
}
