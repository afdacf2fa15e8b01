Console.Error.WriteLine("garnet");
