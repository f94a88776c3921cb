module worth

go 1.19
