package systemd

import (
	"testing"

	"github.com/deploylift/lift/internal/conform"
)

func TestTotal(t *testing.T) {
	conform.Total(t, Source, map[string]string{"web.service": "[Service]\nExecStart=/usr/bin/node server.js\n"})
}
