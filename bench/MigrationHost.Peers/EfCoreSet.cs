using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.Peers;

/// <summary>The set as Entity Framework Core's migrations. Each needs a class with its id: they are made here, in place of the search
/// for them.</summary>
public sealed class EfCoreSet : IMigrationsAssembly
{
    private static readonly ConstructorInfo Id = typeof(MigrationAttribute).GetConstructors()[0];
    private static readonly ModuleBuilder Module =
        AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Steps"), AssemblyBuilderAccess.Run).DefineDynamicModule("Steps");

    private static Dictionary<string, string> _steps = [];

    /// <summary>What to migrate: services of Entity Framework Core have no other way to the program's own values.</summary>
    internal static void Use(Work work) => _steps = work.Set()
        .Select((sql, index) => KeyValuePair.Create((index + 1).ToString("D14", CultureInfo.InvariantCulture) + "_step", sql))
        .ToDictionary();

    public IReadOnlyDictionary<string, TypeInfo> Migrations { get; } =
        _steps.Keys.Select(id => KeyValuePair.Create(id, Class(id))).ToDictionary();

    public ModelSnapshot? ModelSnapshot => null;

    public Assembly Assembly => typeof(EfCoreSet).Assembly;

    public string? FindMigrationId(string nameOrId) => Migrations.Keys.FirstOrDefault(id => id == nameOrId);

    public Migration CreateMigration(TypeInfo migrationClass, string activeProvider)
    {
        var migration = (Migration)Activator.CreateInstance(migrationClass)!;
        migration.ActiveProvider = activeProvider;
        return migration;
    }

    private static TypeInfo Class(string id)
    {
        var type = Module.DefineType(id, TypeAttributes.Public, typeof(SetMigration));
        type.SetCustomAttribute(new CustomAttributeBuilder(Id, [id]));
        return type.CreateTypeInfo();
    }

    /// <summary>The base of all of them; public since theirs is another assembly.</summary>
    public class SetMigration : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(_steps[GetType().Name]);
    }
}
