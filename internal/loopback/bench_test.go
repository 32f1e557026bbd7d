package loopback

import (
	"strings"
	"testing"
)

// Values made to be slow.
func BenchmarkFind(b *testing.B) {
	for _, bit := range []string{"host=localhost ", "://", "://localhost@", "@tcp(127.0.0.1", "127.0.0.1,", "[::1]", "${", "localhost:1,", "http://", "{\"host\":\"::1\",", "=@="} {
		text := strings.Repeat(bit, maxValue/len(bit))
		b.Run(bit, func(b *testing.B) {
			for b.Loop() {
				Find(text)
			}
		})
	}
}
