using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace MigrationHost.EfApp.Shop;

/// <summary>The model that the migrations lead to.</summary>
[DbContext(typeof(ShopContext))]
public sealed class ShopContextModelSnapshot : ModelSnapshot
{
    protected override void BuildModel(ModelBuilder modelBuilder) => ShopModel.AtProducts(modelBuilder);
}
