Console.Error.WriteLine("stella");
