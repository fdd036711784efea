package patterns

//go:generate go run generate.go
