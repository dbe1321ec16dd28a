using System.Reflection;
using System.Runtime.CompilerServices;
using MigrationHost.Testing;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests;

/// <summary>What applications can use is what PublicAPI.txt lists: a change of it is a line in a review.</summary>
public sealed class PublicApiTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData(typeof(MigrationHostExtensions))]
    [InlineData(typeof(EntityFrameworkExtensions))]
    [InlineData(typeof(MigratedDatabase))]
    public void The_public_types_and_members_are_those_of_the_list(Type ofPackage)
    {
        var list = Path.Combine(MigrationHostProgram.Repository, "src", ofPackage.Assembly.GetName().Name!, "PublicAPI.txt");
        string[] listed = [.. File.ReadLines(list).Where(line => line.Length > 0 && line[0] != '#')];
        var exported = ofPackage.Assembly.GetExportedTypes().SelectMany(Lines).ToList();

        string[] differences =
        [
            .. exported.Except(listed).Select(line => $"is not in the list: {line}"),
            .. listed.Except(exported).Select(line => $"is only in the list: {line}"),
        ];
        Assert.True(differences.Length == 0, string.Join('\n', differences));
        Assert.Equal(exported.Order(StringComparer.Ordinal), listed);
    }

    private static IEnumerable<string> Lines(Type type) =>
        type.GetMembers(Declared).Where(IsListed).Select(member => $"{type.FullName}: {Text(member)}")
            .Prepend($"{type.FullName}: {Kind(type)}");

    // Accessors belong to their properties. What a record gets from the compiler, every record has.
    private static bool IsListed(MemberInfo member) => member switch
    {
        PropertyInfo property => property.GetMethod is { IsPublic: true },
        FieldInfo field => field is { IsPublic: true, IsSpecialName: false },
        ConstructorInfo constructor => constructor.IsPublic && !constructor.IsDefined(typeof(CompilerGeneratedAttribute)),
        MethodInfo method => method is { IsPublic: true, IsSpecialName: false } && !method.IsDefined(typeof(CompilerGeneratedAttribute)),
        EventInfo => true,
        _ => false,
    };

    private static string Text(MemberInfo member) => member switch
    {
        PropertyInfo property => $"{property} {{ get;{Setter(property)} }}{(IsRequired(property) ? " required" : "")}",
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {field.GetRawConstantValue()}",
        _ => $"{member}",
    };

    private static string Setter(PropertyInfo property) =>
        property.SetMethod is not { IsPublic: true } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;"
        : " set;";

    private static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsSealed ? "sealed class"
        : "class";
}
