module github.com/deploylift/lift/test/sam

go 1.26.8

require (
	github.com/awslabs/goformation/v7 v7.14.9
	github.com/deploylift/lift v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	go.yaml.in/yaml/v3 v3.0.6
)

require (
	github.com/rogpeppe/go-internal v1.15.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	golang.org/x/tools v0.51.0 // indirect
)

replace github.com/deploylift/lift => ../..
