module github.com/deploylift/lift/test/docker

go 1.26.8

require github.com/deploylift/lift v0.0.0

require (
	github.com/rogpeppe/go-internal v1.15.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

replace github.com/deploylift/lift => ../..
