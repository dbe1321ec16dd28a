using Microsoft.Data.Sqlite;

// The least that a start with nothing to do can take with the same driver: it opens the file and runs one SELECT.
using var connection = new SqliteConnection($"Data Source={args[0]}");
connection.Open();
using var command = connection.CreateCommand();
command.CommandText = "SELECT count(*) FROM migrationhost_history";
Console.WriteLine(command.ExecuteScalar());
