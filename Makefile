# Longer chores. The tests alone: go test ./...

.PHONY: equivalence
equivalence: # the example systems on processes, Docker and a Kubernetes node; as root
	go run ./test/equivalence -out build
