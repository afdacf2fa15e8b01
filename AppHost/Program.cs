Console.Error.WriteLine("engine: local");
