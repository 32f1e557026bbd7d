package language

import "testing"

func TestGo(t *testing.T) {
	for _, tt := range []struct{ name, files, want string }{
		{"several programs of one module", `
-- orders/go.mod --
module example.com/bookshop/orders

go 1.25.3

toolchain go1.26.8

require github.com/go-chi/chi/v5 v5.2.0
-- orders/go.sum --
-- orders/cmd/orders/main.go --
// Copyright

package main
-- orders/cmd/orders/handler.go --
package main
-- orders/cmd/nightly/nightly.go --
package main
-- orders/internal/store/store.go --
package store
-- orders/internal/gen/gen.go --
//go:build ignore

package main
-- orders/internal/gen/lib.go --
package gen
-- orders/cmd/win/main_windows.go --
package main
-- orders/testdata/x/main.go --
package main
-- orders/tests/e2e/main.go --
package main
-- orders/internal/store/store_test.go --
package main
`, `
nightly in orders
language "go" orders/go.mod:0 (go.mod)
version "1.26" orders/go.mod:5 (toolchain go1.26.8)
manager "go" orders/go.mod:0 (go.mod)
lockfile "orders/go.sum" orders/go.sum:0 (go.sum)
install "go mod download" orders/go.mod:0 (require in go.mod)
build "go build -o bin/nightly ./cmd/nightly" orders/cmd/nightly:0 (package main in ./cmd/nightly)
start "bin/nightly" orders/cmd/nightly:0 (what the build makes)
main "./cmd/nightly" orders/cmd/nightly:0 (package main)
framework "chi" orders/go.mod:7 (require github.com/go-chi/chi/v5)
orders in orders
language "go" orders/go.mod:0 (go.mod)
version "1.26" orders/go.mod:5 (toolchain go1.26.8)
manager "go" orders/go.mod:0 (go.mod)
lockfile "orders/go.sum" orders/go.sum:0 (go.sum)
install "go mod download" orders/go.mod:0 (require in go.mod)
build "go build -o bin/orders ./cmd/orders" orders/cmd/orders/main.go:0 (package main in ./cmd/orders)
start "bin/orders" orders/cmd/orders/main.go:0 (what the build makes)
main "./cmd/orders" orders/cmd/orders/main.go:0 (package main)
framework "chi" orders/go.mod:7 (require github.com/go-chi/chi/v5)
`},
		{"the root is the program; vendored; a go.work above", `
-- go.work --
go 1.26.1

use ./poll
use ./gone
-- poll/go.mod --
module example.com/poll/v2

go 1.24

require example.com/x v1.0.0
-- poll/main.go --
package main
-- poll/vendor/modules.txt --
-- poll/vendor/example.com/x/main.go --
package main
`, `
poll in poll
language "go" poll/go.mod:0 (go.mod)
version "1.26" go.work:1 (go 1.26.1)
manager "go" poll/go.mod:0 (go.mod)
install "" poll/vendor/modules.txt:0 (dependencies are in vendor)
build "go build -o bin/poll ." poll/main.go:0 (package main in .)
start "bin/poll" poll/main.go:0 (what the build makes)
main "." poll/main.go:0 (package main)
vendor "poll/vendor" poll/vendor/modules.txt:0 (vendor/modules.txt)
go.work:4: use ./gone: no go.mod there; remove the line or add the module
`},
		{"nested modules; a bad line", `
-- go.mod --
module example.com/a

go 1.26
fnord x
-- a.go --
package a
-- tools/go.mod --
module example.com/a/tools
-- tools/gen/main.go --
package main
-- cmd/build/main.go --
package main
`, `
build in .
language "go" go.mod:0 (go.mod)
version "1.26" go.mod:3 (go 1.26)
manager "go" go.mod:0 (go.mod)
install "" go.mod:0 (no dependencies)
build "go build -o bin/build ./cmd/build" cmd/build/main.go:0 (package main in ./cmd/build)
start "bin/build" cmd/build/main.go:0 (what the build makes)
main "./cmd/build" cmd/build/main.go:0 (package main)
gen in tools
language "go" tools/go.mod:0 (go.mod)
version "1.26" (default: go.mod names no version of Go)
manager "go" tools/go.mod:0 (go.mod)
install "" tools/go.mod:0 (no dependencies)
build "go build -o bin/gen ./gen" tools/gen/main.go:0 (package main in ./gen)
start "bin/gen" tools/gen/main.go:0 (what the build makes)
main "./gen" tools/gen/main.go:0 (package main)
go.mod:4: unknown directive: fnord; mend the line; the go command refuses it too
`},
		{"no module", `
-- main.go --
package main
-- lib/lib.go --
package lib
`, `
main.go:0: package main outside of any module; run go mod init at the root of the code
`},
	} {
		t.Run(tt.name, func(t *testing.T) { checkFind(t, tt.files, tt.want) })
	}
}
