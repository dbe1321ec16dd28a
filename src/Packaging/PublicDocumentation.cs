using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Leaves in a documentation file what applications can use: the types and members that PublicAPI.txt lists.</summary>
public sealed class PublicDocumentation : Task
{
    /// <summary>The file that the compiler has written: internal members are in it too.</summary>
    [Required]
    public string Documentation { get; set; } = "";

    /// <summary>The list of the public types and members, a line each: <c>type: member</c>.</summary>
    [Required]
    public string List { get; set; } = "";

    /// <summary>The file to write.</summary>
    [Required]
    public string Output { get; set; } = "";

    public override bool Execute()
    {
        var names = new HashSet<string>(File.ReadLines(List).Where(line => line.Length > 0 && line[0] != '#').SelectMany(NamesOf));
        var documentation = XDocument.Load(Documentation, LoadOptions.PreserveWhitespace);
        foreach (var member in documentation.Descendants("member").Where(member => !names.Contains(NameOf(member))).ToList())
        {
            if (member.PreviousNode is XText { Value: var space } before && string.IsNullOrWhiteSpace(space))
                before.Remove();
            member.Remove();
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Output)!);
        documentation.Save(Output, SaveOptions.DisableFormatting);
        return !Log.HasLoggedErrors;
    }

    // "A.B: System.String C(System.Int32)", "A.B: System.String C { get; }", "A.B: C = 3", "A.B: sealed class"
    private static IEnumerable<string> NamesOf(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        var (type, member) = (line.Substring(0, colon), line.Substring(colon + 2));
        yield return type;
        var signature = member.Split(new[] { '(', '{', '=' }, 2)[0].TrimEnd();
        yield return $"{type}.{signature.Substring(signature.LastIndexOf(' ') + 1).Split('[')[0].Replace(".ctor", "#ctor")}";
    }

    // "M:A.B.C``1(System.Int32)"
    private static string NameOf(XElement member) =>
        member.Attribute("name")!.Value.Substring(2).Split('(')[0].Split(new[] { "``" }, StringSplitOptions.None)[0];
}
